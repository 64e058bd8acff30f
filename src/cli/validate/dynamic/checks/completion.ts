import { pause } from '../../../../machine/node-timers.js';
import type { DynamicCheck } from '../../check.js';
import type { ViolationKind } from '../host/violation.js';
import { withSession, type Session } from '../session.js';
import { row, unfinished, violationsOf } from './row.js';

/** Uses everything, and lets threads of the plugin go on for a while: what they do too late happens before shutdown has returned. */
async function useAndWait(session: Session): Promise<void> {
  await session.callAll();
  await session.callAll();
  session.step('waiting for what the plugin does after its answers');
  await pause(AFTERMATH_MS);
}

const AFTERMATH_MS = 300;

/** Uses everything, and reports the violations of these kinds. */
export const violations = (...kinds: readonly ViolationKind[]) =>
  withSession({}, useAndWait, (session) => [...violationsOf(session, ...kinds), ...unfinished(session)]);

export const COMPLETION_CHECKS: readonly DynamicCheck[] = [
  row(
    {
      id: 'completed-twice',
      source: 'rule 16',
      title: 'An invocation is completed once',
      breaks: 'The second answer is lost, or belongs to nothing.',
    },
    violations('completed-twice'),
  ),
  row(
    {
      id: 'completed-and-returned',
      source: 'rule 15',
      title: 'An invocation is answered by complete or by what invoke returns, not by both',
      breaks: 'One of the two answers is lost.',
    },
    violations('completed-and-returned'),
  ),
  row(
    {
      id: 'emit-after-complete',
      source: 'rule 18',
      title: 'Chunks are sent before the invocation is answered',
      breaks: 'The chunk is lost: emit returns STALE.',
    },
    violations('emitted-after-completion'),
  ),
  row(
    {
      id: 'known-invocations',
      source: 'rule 16',
      title: 'emit and complete get the id of an invocation',
      breaks: 'The answer or chunk reaches nobody, and the caller waits until the deadline.',
    },
    violations('unknown-invocation'),
  ),
];
