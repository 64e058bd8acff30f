import type { AttributedEnd, PluginError } from '../../errors/index.js';
import type { OverdueCall } from '../../native/abandoned-calls.js';
import { ownClock } from '../../options/process-clock.js';
import { stepTimedOut } from '../../plugin/step-errors.js';
import type { ManagedPlugin } from '../managed-plugin.js';

/** The two generations during probation. */
interface Generations {
  readonly managed: ManagedPlugin;
  readonly successor: ManagedPlugin;
  readonly isStandby: boolean;
}

/** What is watched of a generation on probation. */
export interface SuccessorWatch {
  /** False if the end of its process was attributed to something else. */
  readonly isBlamed: boolean;
  stop(): void;
}

/**
 * Watches a generation that has taken over until its probation is over. If its process crashes, it is not restarted. If it holds a thread
 * of this process for `graceMs` after the deadline of a call, it fails. If it crashes this process, the crash marker blames it at the next start.
 */
export function watchSuccessor(generations: Generations, graceMs: number): SuccessorWatch {
  const { managed, successor } = generations;
  const watch = { isBlamed: true, stop: (): void => undefined };
  successor.wantsRestart = (end) => {
    watch.isBlamed = isBlamedFor(end, successor) && !(managed.role === 'draining' && shareChild(managed, successor));
    return end.machine !== undefined;
  };
  if (successor.isolation !== 'in-process') return watch;
  successor.onOverdue = (call) => {
    ownClock.deadline(graceMs, () => {
      if (generations.isStandby && call.isInside()) successor.fail(hungIn(call, graceMs, successor));
    });
  };
  let removeMarker = (): void => undefined;
  void successor.watch('active', () => new Promise<void>((resolve) => (removeMarker = resolve)));
  watch.stop = () => {
    successor.onOverdue = () => undefined;
    removeMarker();
  };
  return watch;
}

/** In a shared child the last request may have been another plugin's. */
const isBlamedFor = ({ suspect }: AttributedEnd, { id }: ManagedPlugin): boolean => suspect === undefined || suspect === id;

/** Then a call that the earlier generation still had may have crashed it. */
function shareChild({ isolation: one }: ManagedPlugin, { isolation: other }: ManagedPlugin): boolean {
  return typeof one === 'object' && typeof other === 'object' && one.process === other.process;
}

const hungIn = ({ capability, timeoutMs }: OverdueCall, graceMs: number, { id, path }: ManagedPlugin): PluginError =>
  stepTimedOut(capability, timeoutMs + graceMs, true, { pluginId: id, path, step: 'active' });
