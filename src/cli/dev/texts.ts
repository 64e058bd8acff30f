import { PluginError, messageOf } from '../../errors/index.js';
import { messageLines } from '../message-lines.js';

/** What led to a call. */
export interface Times {
  /** As Date.now() has it. */
  readonly since: number;
  readonly buildMs: number;
  /** What happened then. */
  readonly cause: 'start' | 'change';
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;

/** How long an answer took. */
export function timing(times: Times | undefined, callMs: number): string {
  if (times === undefined) return `${callMs.toFixed(1)} ms`;
  const total = Date.now() - times.since;
  return `${seconds(total)} after the ${times.cause}: ${seconds(times.buildMs)} build, ${seconds(total - times.buildMs)} the rest`;
}

export function failureLines(error: unknown): readonly string[] {
  return error instanceof PluginError ? [...messageLines(error), `→ ${error.hint}`] : [messageOf(error)];
}
