import { Status } from '../../../../abi/status.js';
import { bind } from '../../../../library/index.js';
import { error, type DynamicCheck } from '../../check.js';
import { STOP_MS } from '../plugin/invoke.js';
import { onWorker } from '../plugin/on-worker.js';
import { withSession, type Session } from '../session.js';
import { row, unfinished } from './row.js';

const notEnded = ({ outcomes }: Session, when: string) =>
  outcomes.flatMap(({ never, invocation }) => {
    if (never === undefined) return [];
    const what = never === 'returned' ? 'did not return' : 'returned PENDING, and did not complete';
    return [error(`${invocation.label} ${what} within ${STOP_MS / 1000} s after ${when}`)];
  });

const BREAKS = 'The call runs on after its deadline: the plugin gets no further calls, or its process is killed.';

/** No invocation has this id. */
const UNKNOWN_ID = 999_999_999;

/** Cancels what has ended, and what never was. */
async function cancelLate(session: Session): Promise<void> {
  for (const capability of session.capabilities) {
    if (capability.cancelAt === 0) continue;
    const cancel = bind('cancel', capability.cancelAt);
    session.step(`cancel of ${capability.descriptor.name}, with the id of no invocation`);
    await onWorker<undefined>((done) => cancel.async(capability.data, UNKNOWN_ID, done));
    await session.callAll({}, [capability]);
    for (const { invocation } of session.outcomes) await onWorker<undefined>((done) => cancel.async(capability.data, invocation.id, done));
  }
}

export const CANCEL_CHECKS: readonly DynamicCheck[] = [
  row({ id: 'stops-when-cancelled', source: 'rule 17', title: 'A cancelled invocation returns, and completes if it returned PENDING', breaks: BREAKS }, withSession({}, (session) => session.callAll({ cancel: 'at once', stopMs: STOP_MS }), (session) => notEnded(session, 'it was cancelled'))),
  row({ id: 'cancelled-before', source: 'rule 17', title: 'An invocation that is cancelled before it begins returns, and completes if it returned PENDING', breaks: BREAKS }, withSession({}, (session) => session.callAll({ cancel: 'before', stopMs: STOP_MS }), (session) => notEnded(session, 'it began, cancelled'))),
  row({ id: 'cancelled-late', source: 'ABI: aisopod_capability.cancel', title: 'cancel may be called when an invocation has just ended', breaks: 'A call that ends while it is cancelled takes the plugin down.' }, withSession({}, cancelLate, unfinished)),
  row(
    { id: 'used-after-cancel', source: 'rule 17', title: 'After a cancelled invocation the capability still works', breaks: 'One deadline makes a capability unusable.' },
    withSession({}, async (session) => {
      await session.callAll();
      const before = session.outcomes.map(({ answer }) => answer?.status);
      await session.callAll({ cancel: 'at once' });
      const { length } = session.outcomes;
      await session.callAll();
      session.outcomes.slice(length).forEach(({ answer, invocation }, index) => {
        if (before[index] === Status.OK && answer !== undefined && [Status.CANCELLED, Status.STALE].includes(answer.status as -4)) session.findings.push(error(`${invocation.label} fails after an earlier call was cancelled: ${answer.bytes.toString('utf8', 0, 200)}`));
      });
    }, unfinished),
  ),
];
