import { Buffer } from 'node:buffer';
import { messageOf } from '../../errors/index.js';
import { methodIndex } from '../../capability/kinds/index.js';
import { chainLength } from '../../invocation/call-chain.js';
import type { Driver } from '../../invocation/driver.js';
import { crashed, invalidParameters } from '../../invocation/errors.js';
import type { Chunk } from '../../invocation/backend.js';
import { clockNow } from '../../options/deadline-clock.js';
import { errorOfPlugin } from '../wire/error-record.js';
import type { RegisteredCapability } from '../wire/messages.js';
import { utf8Of } from '../wire/utf8.js';
import type { ChildEnd } from '../supervisor/child-end.js';
import { nextRequestNumber, type ChildSession, type InvocationMessage } from './child-session.js';
import { OverdueInvocations } from './overdue-invocations.js';
import { RemoteRun, type ArrivedChunk, type RemoteInvocation, type Sent } from './remote-run.js';
import { errandTimeoutMs } from './lifecycle-rpc.js';
import { ReleaseWatch } from './release-watch.js';
import { NEVER_MS } from '../../options/never.js';
import { SendQueue } from './send-queue.js';
import { SHARED_TEXT } from '../../library/payload.js';
import { answerOf, errorOf } from '../../native/answer.js';
import type { RingReply } from '../wire/shared-memory/host-ring.js';
import { methodNumber } from '../wire/shared-memory/layout.js';
import type { RingChannel } from '../wire/shared-memory/ring-channel.js';

export interface RemoteDriverOptions {
  readonly pluginId: string;
  /** The plugin's number in its child. */
  readonly plugin: number;
  readonly maxPayloadBytes: number;
  /** How long after a deadline the child is killed. */
  readonly graceMs: number;
  /** Whether the child waits for a debugger; then there are no deadlines. */
  readonly waitForDebugger: boolean;
}

/** Sends invocations to one plugin in a child, or queues them until a child is ready. */
export class RemoteDriver implements Driver<RegisteredCapability, RemoteRun> {
  isThreadSafe = false;
  readonly maxInputBytes: number;
  readonly answersCancelled = true;
  /** Absent while no child is ready. */
  #session: ChildSession | undefined;
  readonly #queue = new SendQueue();
  /** INLINE capabilities never block, so they need not wait for the plugin's threads. The child has a separate queue too. */
  readonly #inlineQueue = new SendQueue();
  /** While there are any, nothing new is sent. */
  readonly #overdue: OverdueInvocations;
  readonly #releases: ReleaseWatch;

  constructor(private readonly options: RemoteDriverOptions) {
    this.#overdue = new OverdueInvocations(options.graceMs);
    this.#releases = new ReleaseWatch(options.pluginId, options.waitForDebugger ? NEVER_MS : errandTimeoutMs(options.graceMs));
    this.maxInputBytes = options.maxPayloadBytes;
  }

  /** Whether the plugin is thread-safe, and how many threads its child has. */
  setThreads(isThreadSafe: boolean, count: number): void {
    this.isThreadSafe = isThreadSafe;
    this.#queue.threads = isThreadSafe ? count : 1;
  }

  /** Sets the child in which the plugin is ready. With `undefined`, invocations wait. */
  use(session: ChildSession | undefined): void {
    this.#session = session;
    const ring = session?.child.ring;
    if (ring !== undefined) ring.isThreadSafe = this.isThreadSafe;
    this.#flush();
  }

  start(invocation: RemoteInvocation, capability: RegisteredCapability, method: string, input: string): void {
    const queue = capability.isInline === true ? this.#inlineQueue : this.#queue;
    const run = (invocation.run = new RemoteRun(queue, capability, methodIndex(capability.kind, method), input, invocation.id));
    const link = queue.waiting.push(invocation);
    run.removeFromQueue = () => void queue.waiting.remove(link);
    invocation.keepAlive();
    this.#flush();
  }

  /** Works only in shared memory. Otherwise the child is asked to. */
  takeBack(invocation: RemoteInvocation): void {
    const { run } = invocation;
    const { sent } = run ?? {};
    if (run === undefined || sent?.slot === undefined || sent.stage !== 'sent') return;
    if (sent.session.child.ring?.takeBack(sent.slot) !== true) return;
    run.takenBackFrom = sent.session;
    run.sent = undefined;
    sent.ran.stop();
    invocation.takenBack();
    this.#leaveWindow(invocation);
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
    const { session, slot } = run.sent;
    if (slot !== undefined) session.child.ring?.cancel(slot);
    session.child.send({ type: 'cancel', id: invocation.id });
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
    if (sent.slot !== undefined) sent.session.child.ring?.leave(sent.slot);
    invocation.pending();
    this.#leaveWindow(invocation);
  }

  #onResult(invocation: RemoteInvocation, sent: Sent, payload: Buffer): string | undefined {
    const text = utf8Of(payload);
    if (text === undefined) return 'a result that is not UTF-8';
    invocation.succeed(text);
    if (sent.slot !== undefined) sent.session.child.ring?.expect(invocation.run!.capability.index, payload.length);
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

  readonly #flush = (): void => {
    for (const queue of [this.#inlineQueue, this.#queue]) this.#flushQueue(queue);
  };

  #flushQueue(queue: SendQueue): void {
    while (!queue.waiting.isEmpty && queue.hasRoom) {
      const session = this.#session;
      if (session === undefined || session.child.isGone || !this.#overdue.isEmpty) return;
      const { backlog } = session.child;
      if (!backlog.hasRoom) {
        backlog.whenRoom(this.#flush);
        return;
      }
      const invocation = queue.waiting.shift()!;
      if (this.#sendBest(invocation, session)) continue;
      this.#waitFirst(invocation);
      return;
    }
  }

  /** Sends it through shared memory, or else by a message. Returns false if it must wait. */
  #sendBest(invocation: RemoteInvocation, session: ChildSession): boolean {
    const { queue } = invocation.run!;
    const { ring } = session.child;
    const slot = ring === undefined || !queue.mayGo('ring') ? undefined : this.#publish(invocation, session, ring);
    if (typeof slot === 'number') {
      this.#onSent(invocation, session, slot);
      return true;
    }
    const isLast = slot === 'full' && !queue.isWindowEmpty; // there will be room when another has left
    if (isLast || !queue.mayGo('socket')) return false;
    this.#send(invocation, session);
    return true;
  }

  #publish(invocation: RemoteInvocation, session: ChildSession, ring: RingChannel): number | 'full' | 'unfit' {
    const run = invocation.run!;
    const { capability, method, input, queue } = run;
    const { index, kind, isInline = false } = capability;
    const { id, wantsChunks: chunks, drains: drain } = invocation;
    const number = methodNumber(kind, method);
    const call = { id, capability: index, method: number, isInline, chunks, drain, chainLength: chainLength(invocation.parent), input };
    const slot = ring.publish(call, (reply) => this.#onReply(invocation, session, reply));
    if (typeof slot === 'number') queue.enter(run, input.length, 'ring');
    return slot;
  }

  #onReply(invocation: RemoteInvocation, session: ChildSession, { status, format, block, length, capacity, isOwned }: RingReply): () => void {
    if (isOwned) this.#releases.onOwned(session);
    const answer = answerOf(status, format, block, length, capacity, SHARED_TEXT);
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

  /** Puts it before all others that wait. */
  #waitFirst(invocation: RemoteInvocation): void {
    const run = invocation.run!;
    const link = run.queue.waiting.pushFront(invocation);
    run.removeFromQueue = () => void run.queue.waiting.remove(link);
  }

  #send(invocation: RemoteInvocation, session: ChildSession): void {
    const run = invocation.run!;
    const { id, wantsChunks: chunks, drains: drain } = invocation;
    const { capability, method, input } = run;
    run.queue.enter(run, input.length, 'socket');
    try {
      const chain = chainLength(invocation.parent);
      session.child.send({ type: 'invoke', id, plugin: this.options.plugin, capability: capability.index, method, chainLength: chain, chunks, drain }, input);
    } catch (cause) {
      invocation.fail(invalidParameters(invocation.callee, { expected: 'text that memory has room for', found: messageOf(cause) }, cause));
      invocation.over();
      this.#leaveWindow(invocation);
      return;
    }
    this.#onSent(invocation, session, undefined);
  }

  #onSent(invocation: RemoteInvocation, session: ChildSession, slot: number | undefined): void {
    const run = invocation.run!;
    run.input = ''; // never sent twice: free the memory
    const waitedMs = invocation.timeoutMs - (invocation.deadline - clockNow());
    run.sent = { session, slot, number: nextRequestNumber(), ran: session.child.clock.measure(), waitedMs, stage: 'sent' };
    invocation.enter();
  }

  /** Called when none of its native code is running in the child, and none will. */
  #finish(invocation: RemoteInvocation, sent: Sent): void {
    if (invocation.isOver) return;
    sent.ran.stop();
    if (sent.slot !== undefined) sent.session.child.ring?.free(sent.slot);
    invocation.over();
    this.#leaveWindow(invocation);
    if (this.#overdue.remove(invocation)) this.#flush();
  }

  #leaveWindow({ run }: RemoteInvocation): void {
    if (run?.queue.leave(run) === true) this.#flush();
  }
}

function onChunk(invocation: RemoteInvocation, { tag, isText }: Extract<InvocationMessage, { type: 'chunk' }>, payload: Buffer): string | undefined {
  if (invocation.run?.window.take(payload.length) !== true) return 'more chunks than there was room for';
  const data = isText ? utf8Of(payload) : Buffer.from(payload);
  if (data === undefined) return 'a chunk of text that is not UTF-8';
  const chunk: ArrivedChunk = { tag, data, bytes: payload.length };
  invocation.chunk(chunk);
  return undefined;
}

const outOfOrder = ({ type, id }: InvocationMessage, { stage }: Sent): string => `a ${type} of invocation ${id}, which is ${stage}`;
