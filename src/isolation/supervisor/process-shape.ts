import { isAbsolute } from 'node:path';
import * as z from 'zod';
import { callback, checked, checkedSecret, count, functionOr, listOf, milliseconds, path, timerMilliseconds, trueOrFalse } from '../../options/fields.js';
import { group, type Shape } from '../../options/group.js';
import { isOptionsObject } from '../../options/options-object.js';
import type { ResourceLimits } from '../../report/resource-limits.js';
import { limitsGroup } from './limits-option.js';
import type { LimitsOf, ProcessOptions } from './process-options.js';
import type { RestartOptions } from './restart-policy.js';

export const restartOption = group<RestartOptions>({
  firstPauseMs: milliseconds({ orZero: true }),
  longestPauseMs: milliseconds({ orZero: true }),
  most: count(0),
  windowMs: milliseconds(),
});

const variableName = checked<string>('the name of an environment variable', (key) => typeof key === 'string' && /^[^=\0]+$/.test(key));
const variableValue = checkedSecret<string>('a string without NUL', (value) => typeof value === 'string' && !value.includes('\0'));

/** Each value is read only once. */
const env = checked<object>('an object', isOptionsObject)
  .transform((given) => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))
  .pipe(z.record(variableName, variableValue));

export const PROCESS_SHAPE: Shape<ProcessOptions> = {
  memoryLimitBytes: count(1),
  limits: functionOr<LimitsOf, ResourceLimits>(limitsGroup),
  cgroup: path('a control group'),
  graceMs: timerMilliseconds({ orZero: true }),
  heartbeatMs: milliseconds(),
  syncTimeoutMs: checked<number>('milliseconds, more than 0 and at most 1000', (value) => typeof value === 'number' && value > 0 && value <= 1000),
  restart: restartOption,
  childEntry: path('a file'),
  nodePath: checked<string>('the absolute path of Node', (value) => typeof value === 'string' && isAbsolute(value)),
  transport: checked<'auto' | 'socket'>("'auto' or 'socket'", (value) => value === 'auto' || value === 'socket'),
  debug: trueOrFalse,
  onCrash: callback(),
  onGiveUp: callback(),
  onDenied: callback(),
  env,
  inheritEnv: listOf(variableName, 'an array of names of environment variables'),
};
