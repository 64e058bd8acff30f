import { busy, timedOut } from '../../invocation/errors.js';
import { errorOf, type Answer } from '../../native/answer.js';
import type { ChannelReply } from '../wire/call-channel.js';
import type { ChildSession } from './child-session.js';
import type { InvocationSender } from './invocation-sender.js';
import type { RemoteInvocation } from './remote-run.js';

/** Handles a reply; `onAnswer` is told first what it says. */
type Receive = (session: ChildSession, reply: ChannelReply, onAnswer: (answer: Answer) => void) => () => void;

/** Calls an INLINE capability on this thread, which waits for `timeoutMs` at most. A later answer is dropped. @throws InvocationError */
export function callSync(invocation: RemoteInvocation, sender: InvocationSender, receive: Receive): string {
  const { callee, timeoutMs } = invocation;
  let answer: Answer | undefined;
  const problem = sender.sendAndWait(invocation, (session) => (reply) => receive(session, reply, (given) => (answer = given)), timeoutMs);
  if (problem !== undefined) {
    const refusal = busy(callee, problem);
    invocation.fail(refusal);
    invocation.over();
    throw refusal;
  }
  const given = answer;
  if (given?.kind === 'ok') return given.text;
  if (given !== undefined && given.kind !== 'pending') throw errorOf(given, callee);
  invocation.expire(); // which takes it back if it has not begun
  throw timedOut(callee, timeoutMs, invocation.inside, !invocation.began);
}
