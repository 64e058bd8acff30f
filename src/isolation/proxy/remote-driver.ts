import type { Buffer } from 'node:buffer';
import { methodIndex } from '../../capability/kinds/index.js';
import type { Chunk } from '../../invocation/backend.js';
import type { Driver } from '../../invocation/driver.js';
import { crashed } from '../../invocation/errors.js';
import { SHARED_TEXT } from '../../library/payload.js';
import { answerOf, errorOf, type Answer } from '../../native/answer.js';
import { NEVER_MS } from '../../options/never.js';
import type { ChildEnd } from '../supervisor/child-end.js';
import type { ChannelReply } from '../wire/call-channel.js';
import { errorOfPlugin } from '../wire/error-record.js';
import type { RegisteredCapability } from '../wire/messages.js';
import { utf8Of } from '../wire/utf8.js';
import { callSync } from './call-sync.js';
import type { ChildSession, InvocationMessage } from './child-session.js';
import { InvocationSender } from './invocation-sender.js';
import { errandTimeoutMs } from './lifecycle-rpc.js';
import { OverdueInvocations } from './overdue-invocations.js';
import { ReleaseWatch } from './release-watch.js';
import { RemoteRun, onChunk, outOfOrder, type ArrivedChunk, type RemoteInvocation, type Sent } from './remote-run.js';

export interface RemoteDriverOptions {
  readonly pluginId: string;
  /** The plugin's number in its child. */
  readonly plugin: number;
  readonly maxPayloadBytes: number;
  /** How long after a deadline the child is killed. */
  readonly graceMs: number;
  /** How long a synchronous call waits. */
  readonly syncTimeoutMs: number;
  /** Whether the child waits for a debugger; then there are no deadlines. */
  readonly waitForDebugger: boolean;
}

/** Sends invocations to one plugin in a child, or queues them until a child is ready. */
export class RemoteDriver implements Driver<RegisteredCapability, RemoteRun> {
  isThreadSafe = false;
  readonly maxInputBytes: number;
  readonly answersCancelled = true;
  readonly #sender: InvocationSender;
  /** While there are any, nothing new is sent. */
  readonly #overdue: OverdueInvocations;
  readonly #releases: ReleaseWatch;

  constructor(private readonly options: RemoteDriverOptions) {
    this.#overdue = new OverdueInvocations(options.graceMs);
    this.#releases = new ReleaseWatch(options.pluginId, options.waitForDebugger ? NEVER_MS : errandTimeoutMs(options.graceMs));
    this.maxInputBytes = options.maxPayloadBytes;
    this.#sender = new InvocationSender(options.plugin, {
      mustWait: () => !this.#overdue.isEmpty,
      onReturn: (invocation, session) => (reply) => this.#onReply(invocation, session, reply),
    });
  }

  /** Whether the plugin is thread-safe, and how many threads its child has. */
  setThreads(isThreadSafe: boolean, count: number): void {
    this.isThreadSafe = isThreadSafe;
    this.#sender.threads = isThreadSafe ? count : 1;
  }

  /** Sets the child in which the plugin is ready. With `undefined`, invocations wait. */
  use(session: ChildSession | undefined): void {
    const calls = session?.child.calls;
    if (calls !== undefined) calls.isThreadSafe = this.isThreadSafe;
    this.#sender.use(session);
  }

  start(invocation: RemoteInvocation, capability: RegisteredCapability, method: string, input: string): void {
    const queue = this.#sender.queueFor(capability.isInline === true);
    invocation.run = new RemoteRun(queue, capability, methodIndex(capability.kind, method), input, invocation.id);
    invocation.keepAlive();
    this.#sender.enqueue(invocation);
  }

  /** Works only in shared memory. Otherwise the child is asked to. */
  takeBack(invocation: RemoteInvocation): void {
    const { run, run: { sent } = {} } = invocation;
    if (run === undefined || sent?.slot === undefined || sent.stage !== 'sent') return;
    if (sent.session.child.calls?.takeBack(sent.slot) !== true) return;
    run.takenBackFrom = sent.session;
    run.sent = undefined;
    sent.ran.stop();
    invocation.takenBack();
    this.#sender.leaveWindow(invocation);
  }

  /** Calls it on this thread, which waits for `timeoutMs` at most. @throws InvocationError */
  invokeSync(invocation: RemoteInvocation, capability: RegisteredCapability, method: string, input: string): string {
    invocation.run = new RemoteRun(this.#sender.queueFor(true), capability, methodIndex(capability.kind, method), input, invocation.id);
    return callSync(invocation, this.#sender, (session, reply, onAnswer) => this.#onReply(invocation, session, reply, onAnswer));
  }

  cancel(invocation: RemoteInvocation): void {
    this.takeBack(invocation);
    const { run } = invocation;
    if (run?.sent === undefined) {
      run?.removeFromQueue();
      invocation.over();
      return;
    }
    if (invocation.isOver) return;
    const { slot, session: { child } } = run.sent;
    const tellChild = (): void => child.send({ type: 'cancel', id: invocation.id });
    if (slot === undefined) tellChild();
    else child.calls?.cancel(slot, tellChild);
  }

  onDeadline(invocation: RemoteInvocation): void {
    if (invocation.run !== undefined) invocation.run.isLate = true;
    this.#overdue.add(invocation);
    invocation.run?.takenBackFrom?.onStarved();
  }

  /** Cancelled invocations hold threads of the child that others need. They are now treated as overdue. */
  onStarved(invocations: readonly RemoteInvocation[]): void {
    for (const invocation of invocations) if (invocation.cancelledBy !== undefined) this.#overdue.add(invocation);
  }

  onTaken({ run }: RemoteInvocation, chunk: Chunk): void {
    run?.window.release((chunk as ArrivedChunk).bytes);
  }

  /** Returns what is wrong with the message, if anything. */
  take(invocation: RemoteInvocation, sent: Sent, message: InvocationMessage, payload: Buffer): string | undefined {
    switch (message.type) {
      case 'pending':
        return sent.stage === 'sent' ? this.#onPending(invocation, sent) : outOfOrder(message, sent);
      case 'chunk':
        return onChunk(invocation, message, payload);
      case 'result':
        return sent.stage === 'failed' ? outOfOrder(message, sent) : this.#onResult(invocation, sent, payload);
      case 'failure':
        return sent.stage === 'failed' ? outOfOrder(message, sent) : this.#onFailure(invocation, sent, message);
      case 'returned':
        if (sent.stage !== 'failed') return outOfOrder(message, sent);
        this.#finish(invocation, sent);
        return undefined;
    }
  }

  onChildEnd(invocation: RemoteInvocation, sent: Sent, end: ChildEnd): void {
    invocation.abortNested();
    invocation.fail(crashed(invocation.callee, end));
    this.#finish(invocation, sent);
  }

  #onPending(invocation: RemoteInvocation, sent: Sent): undefined {
    sent.stage = 'pending';
    if (sent.slot !== undefined) sent.session.child.calls?.leave(sent.slot);
    invocation.pending();
    this.#sender.leaveWindow(invocation);
  }

  #onResult(invocation: RemoteInvocation, sent: Sent, payload: Buffer): string | undefined {
    const text = utf8Of(payload);
    if (text === undefined) return 'a result that is not UTF-8';
    invocation.succeed(text);
    if (sent.slot !== undefined) sent.session.child.calls?.expect(invocation.run!.capability.index, payload.length);
    this.#finish(invocation, sent);
    return undefined;
  }

  #onFailure(invocation: RemoteInvocation, sent: Sent, { error, stillRunning }: Extract<InvocationMessage, { type: 'failure' }>): string | undefined {
    // Only a cancelled invocation may be answered while its native code is still running.
    if (stillRunning && error.code !== 'ERR_INVOCATION_CANCELLED') return `a failure with ${error.code} of an invocation that is still running`;
    // It reached its deadline before its native code started: cancelled invocations may be occupying every thread.
    if (!stillRunning && invocation.run?.isLate === true && error.code === 'ERR_INVOCATION_CANCELLED') sent.session.onStarved();
    invocation.fail(errorOfPlugin(error, invocation.callee));
    if (stillRunning) sent.stage = 'failed';
    else this.#finish(invocation, sent);
    return undefined;
  }

  #onReply(invocation: RemoteInvocation, session: ChildSession, { status, format, block, length, capacity, isOwned }: ChannelReply, onAnswer?: (answer: Answer) => void): () => void {
    if (isOwned) this.#releases.onOwned(session);
    const answer = answerOf(status, format, block, length, capacity, SHARED_TEXT);
    onAnswer?.(answer);
    return () => {
      const sent = invocation.run?.sent;
      if (sent === undefined || invocation.isOver) return;
      if (answer.kind === 'ok') invocation.succeed(answer.text);
      else if (answer.kind !== 'pending') invocation.fail(errorOf(answer, invocation.callee));
      else {
        session.child.kill('broke the protocol: it sent PENDING as an answer');
        return;
      }
      this.#finish(invocation, { ...sent, slot: undefined });
    };
  }

  /** Called when none of its native code is running in the child, and none will. */
  #finish(invocation: RemoteInvocation, sent: Sent): void {
    if (invocation.isOver) return;
    sent.ran.stop();
    if (sent.slot !== undefined) sent.session.child.calls?.free(sent.slot);
    invocation.over();
    this.#sender.leaveWindow(invocation);
    if (this.#overdue.remove(invocation)) this.#sender.flush();
  }
}
