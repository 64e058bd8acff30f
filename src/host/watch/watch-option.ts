import * as z from 'zod';
import { timerMilliseconds } from '../../options/fields.js';
import { group } from '../../options/group.js';
import { isOptionsObject } from '../../options/options-object.js';

export interface WatchSettings {
  /** Poll all plugin folders this often, in milliseconds, and do not use the notifications of the system: for network folders on macOS and Windows. */
  readonly pollMs?: number;
}

const settings = group<WatchSettings>({ pollMs: timerMilliseconds() });

/** `true`, `false` or settings. */
export const watchOption: z.ZodType<boolean | WatchSettings> = z.unknown().transform((given, context) => {
  if (typeof given === 'boolean') return given;
  const result = isOptionsObject(given) ? settings.safeParse(given, { reportInput: true }) : undefined;
  if (result?.success === true) return result.data;
  const issues = result?.error.issues ?? [{ code: 'custom', path: [], message: 'true, false or { pollMs }', input: given }];
  context.issues.push(...(issues as z.core.$ZodRawIssue[]));
  return z.NEVER;
});
