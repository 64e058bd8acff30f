import type { EventEmitter } from 'node:events';
import { messageOf } from '../errors/index.js';
import { callGuarded } from '../log/call-guarded.js';
import type { Logger } from '../log/logger.js';
import { plainLine } from '../log/plain-line.js';
import type { PluginReport } from '../report/plugin-report.js';

export interface HostEvents {
  state: [PluginReport];
}

/** Reports a change to the log and the listeners. If a listener throws, that is logged; the host and the other listeners continue. */
export function announce(report: PluginReport, host: EventEmitter<HostEvents>, logger: Logger): void {
  log(report, logger);
  const complain = (error: unknown): void => logger.error(`a listener of "state" failed: ${messageOf(error)}`);
  // Not `emit`, which stops at the first listener that throws.
  for (const listener of host.rawListeners('state')) callGuarded(() => listener.call(host, report), complain);
}

function log({ id, path, state, step, code, message, hint }: PluginReport, logger: Logger): void {
  const fields = { pluginId: id, path, state, step, code, hint };
  if (state === 'refused') logger.warn(plainLine(message ?? ''), fields);
  else if (state === 'failed') logger.error(plainLine(message ?? ''), fields);
  else logger.debug(`plugin ${id ?? '?'} is ${state}`, fields);
}
