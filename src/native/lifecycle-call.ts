import { Status, statusName } from '../abi/status.js';
import type { ErrorContext, Step } from '../errors/index.js';
import type { CallFrame, CallFrames, NativeCall } from '../library/index.js';
import { deadline } from '../options/deadline-clock.js';
import { ownClock } from '../options/process-clock.js';
import { readReply, type Answer, type ReadPayload } from './answer.js';
import type { LifecycleOperation } from '../plugin/lifecycle-table.js';
import { stepNotStarted, stepTimedOut } from '../plugin/step-errors.js';
import type { Errands } from './errands.js';
import type { PluginRecord } from '../report/plugin-record.js';
import type { PluginQueue } from './runners/plugin-queue.js';

export interface LifecycleCall {
  readonly operation: LifecycleOperation;
  readonly where: ErrorContext & { readonly step: Step };
  readonly timeoutMs: number;
  /** What is left of `timeoutMs`, if some of it has passed already. */
  readonly leftMs?: number | undefined;
  /** What to call. Its result is a status, unless `onResult` takes it. */
  readonly callWith: (frame: CallFrame) => NativeCall;
  readonly onResult?: ((result: number) => void) | undefined;
  /** Reads the reply, if that is not JSON. */
  readonly read?: ReadPayload | undefined;
  readonly maxReplyBytes?: number | undefined;
  /** The error if the plugin is busy until the deadline: the call has not begun, and never will. Default: that of a missed deadline. */
  readonly onBusy?: (() => Error) | undefined;
  /** Someone else ends a call that has begun and does not return. */
  readonly isWatched?: boolean | undefined;
  readonly errands: Errands;
  readonly frames: CallFrames;
}

const MAX_REPLY_BYTES = 1 << 20;

/**
 * Runs one lifecycle function on a thread of the plugin's queue. At the deadline it is abandoned, not stopped: nothing can stop native code in
 * this process, so the record says what still runs.
 * @throws LifecycleError ERR_LIFECYCLE_TIMEOUT
 */
export function runLifecycleCall(call: LifecycleCall, queue: PluginQueue, record: PluginRecord): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { leftMs = call.timeoutMs } = call;
    let late = false;
    // Who only waits for other calls is not judged by what it could run, and must answer before the one who watches it gives up.
    const begin = call.isWatched === true ? deadline : ownClock.deadline.bind(ownClock);
    const cancelDeadline = begin(leftMs, () => {
      const started = !queue.takeBack(ticket);
      if (started && call.isWatched === true) return;
      late = true;
      if (!started) call.frames.giveBack(frame);
      if (!started && call.onBusy !== undefined) {
        reject(call.onBusy());
        return;
      }
      record.add(call.where.step, `${call.operation} passed its deadline of ${call.timeoutMs} ms; ${running(started)}`);
      reject(started ? stepTimedOut(call.operation, call.timeoutMs, true, call.where) : stepNotStarted(call.operation, call.timeoutMs, call.where));
    });
    const frame = call.frames.take();
    const ticket = queue.enqueue({
      prepare() {
        frame.prepareReply();
        return { ...call.callWith(frame), reply: frame.reply };
      },
      onReturn(result, left) {
        const status = call.onResult === undefined ? result : Status.OK;
        call.onResult?.(result);
        const answer = readReply(frame, status, call.maxReplyBytes ?? MAX_REPLY_BYTES, call.errands.release, call.read);
        call.frames.giveBack(frame);
        cancelDeadline();
        if (late) record.add(call.where.step, `${call.operation} returned ${statusName(status)} after its deadline`);
        resolve(answer);
        call.errands.beforeNext(left);
      },
    });
  });
}

const running = (started: boolean): string =>
  started ? 'its native call is still running, and nothing can stop it in this process' : 'it never got a thread';

/** Why a lifecycle function failed, or `undefined` if it succeeded. */
export function failureOf(answer: Answer): { readonly status: string; readonly reason: string } | undefined {
  switch (answer.kind) {
    case 'ok':
      return undefined;
    case 'failed':
      return { status: statusName(answer.status), reason: answer.reason };
    case 'pending':
      return { status: 'PENDING', reason: 'a lifecycle function answers when it returns' };
    case 'violation':
      return { status: 'a broken reply', reason: `expected ${answer.expected}, found ${answer.found}` };
    case 'too-large':
      return { status: 'a broken reply', reason: `${answer.bytes} bytes, over the limit of ${answer.limit}` };
  }
}
