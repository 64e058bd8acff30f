import { messageOf } from '../../errors/index.js';
import { monotonicNow } from '../../machine/node-timers.js';
import { error, skipped, type Check, type DynamicCheck, type Finding, type StaticCheck } from './check.js';
import { outcomeOf, type Outcome } from './outcome.js';
import { subjectOf, type PluginContents } from './plugin-contents.js';
import type { RunIsolated } from './run-isolated.js';

export interface RunOptions {
  /** How many processes of checks run at once. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  /** The configuration of the plugin, as JSON. Absent: one that its schema allows. */
  readonly config?: string | undefined;
  /** Runs one dynamic check in a process of its own. */
  readonly runIsolated: RunIsolated;
  readonly onStart?: (check: Check) => void;
  readonly onEnd?: (outcome: Outcome) => void;
}

/** Runs the checks: first those of the files, then those that run the plugin. Returns the outcomes in the order of `checks`. */
export async function runChecks(checks: readonly Check[], contents: PluginContents, options: RunOptions): Promise<readonly Outcome[]> {
  const { jobs, signal, onStart, onEnd } = options;
  const outcomes = new Map<Check, Outcome>();
  const run = async (check: Check, find: () => Promise<readonly Finding[]>): Promise<void> => {
    if (signal.aborted) return;
    onStart?.(check);
    const begin = monotonicNow();
    const outcome = outcomeOf(check, await find(), Math.round(monotonicNow() - begin));
    if (signal.aborted) return;
    outcomes.set(check, outcome);
    onEnd?.(outcome);
  };
  for (const check of checks) if (check.kind === 'static') await run(check, () => runStatic(check, contents));
  const waiting = checks.filter((check) => check.kind === 'dynamic');
  const worker = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const next = check;
      await run(next, () => runDynamic(next, contents, options));
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return checks.flatMap((check) => outcomes.get(check) ?? []);
}

async function runStatic(check: StaticCheck, contents: PluginContents): Promise<readonly Finding[]> {
  return check.run(contents);
}

async function runDynamic(check: DynamicCheck, contents: PluginContents, { runIsolated, signal, config }: RunOptions): Promise<readonly Finding[]> {
  const subject = subjectOf(contents, config);
  if (subject === undefined) return [skipped('The plugin cannot be loaded on this machine; see the checks of its files.')];
  try {
    return await runIsolated(check, subject, signal);
  } catch (cause) {
    return [error(`The check could not be run: ${messageOf(cause)}`)];
  }
}
