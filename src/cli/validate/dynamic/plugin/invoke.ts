import { Buffer } from 'node:buffer';
import { Format, type CapabilityKind } from '../../../../abi/constants.js';
import { LAYOUTS } from '../../../../abi/layouts.js';
import { Status, isStatus } from '../../../../abi/status.js';
import { labelOf } from '../../../../capability/descriptor.js';
import { bind } from '../../../../library/index.js';
import { takeSignalWords, type SignalWords } from '../../../../library/signal-words.js';
import type { NativeCapability } from '../../../../native/native-capability.js';
import type { HostileHost } from '../host/hostile-host.js';
import { Invocation, type Answer } from '../host/invocation.js';
import { structBytes } from '../host/struct-bytes.js';
import { monotonicNow } from '../../../../machine/node-timers.js';
import { within } from '../within.js';
import type { Entry } from './gate.js';
import { CallMemory, lentBytesOf, type MemoryPlan } from './memory-plan.js';
import { onWorker } from './on-worker.js';
import { preview } from './preview.js';
import { readReply } from './reply.js';

export interface Call {
  readonly capability: NativeCapability;
  readonly method: string;
  readonly input: Buffer | string;
  readonly format?: number;
  /** JSON. */
  readonly context?: string;
  readonly memory?: MemoryPlan;
  /** Default: the capability's own. */
  readonly entryOf?: (capability: NativeCapability) => Entry;
  /** Calls on this thread, as a host may do with an INLINE capability. */
  readonly onMain?: boolean;
  /** `before`: it is cancelled when it begins. `at once`: right after that. Default: if it takes long. */
  readonly cancel?: 'before' | 'at once';
  /** How long it may take before the host cancels it. */
  readonly patienceMs?: number;
  /** How long it may take to come to an end after that. */
  readonly stopMs?: number;
  /** Runs before memory of the plugin is given back. */
  readonly beforeRelease?: () => Promise<void>;
  /** Gives that memory back on this thread, as a host may do. */
  readonly releaseOnMain?: boolean;
  /** How many chunks the host accepts before it answers FULL. */
  readonly room?: number;
}

export interface Outcome {
  readonly kind: CapabilityKind;
  readonly method: string;
  readonly invocation: Invocation;
  /** What `invoke` returned; 0 if it did not return. */
  readonly returned: number;
  /** Absent if it was cancelled before it had answered, or never did. */
  readonly answer: (Answer & { readonly isOwned: boolean }) | undefined;
  /** How long release took; 0 if it was not called. */
  readonly releaseMs: number;
  /** What is wrong with the reply or the status. */
  readonly problem: string | undefined;
  readonly wasCancelled: boolean;
  /** `returned`: `invoke` did not return, although it was cancelled. `completed`: it returned PENDING and never completed. */
  readonly never: 'returned' | 'completed' | undefined;
}

/** How long a call may take before the host cancels it. Capabilities that can be woken are expected to wait. */
const PATIENCE_MS = 1000;
const WAITING_PATIENCE_MS = 150;
/** How long it may take to come to an end after that: far more than an honest plugin needs, even on a busy machine. */
export const STOP_MS = 10_000;

let lastId = 1000;

/** Calls a capability and waits until the plugin has finished with the call. */
export async function invoke(host: HostileHost, step: (description: string) => void, call: Call): Promise<Outcome> {
  const { capability, method } = call;
  const label = `${labelOf(capability.descriptor)}${method === 'call' ? '' : `, ${method}`}`;
  const invocation = new Invocation(++lastId, label);
  invocation.room = call.room ?? Infinity;
  host.begin(invocation);
  const signals = takeSignalWords();
  const cancel = (): Promise<void> => cancelNow(invocation, signals, capability);
  if (call.room === 0) signals.setRoom(false);
  if (call.cancel === 'before') {
    invocation.isOver = true;
    signals.cancelNow();
  }
  step(`calling ${label} with ${preview(call.input)}`);
  const running = run(call, invocation, signals);
  if (call.cancel === 'at once') await cancel();
  const { stopMs = STOP_MS } = call;
  const patience = call.patienceMs ?? defaultPatience(capability, method);
  let ended = await within(running, patience);
  if (ended === undefined) {
    step(`waiting for ${label}, which was cancelled`);
    await cancel();
    ended = await within(running, stopMs);
  }
  const what = { kind: capability.descriptor.kind, method };
  if (ended === undefined) return { ...what, invocation, returned: 0, releaseMs: 0, answer: undefined, problem: undefined, wasCancelled: true, never: 'returned' };
  return { ...what, ...(await settle(host, invocation, ended.value, { patience, stopMs, cancel })) };
}

const defaultPatience = ({ cancelAt }: NativeCapability, method: string): number => (cancelAt !== 0 || method === 'start' ? WAITING_PATIENCE_MS : PATIENCE_MS);

interface Return {
  readonly status: number;
  readonly releaseMs: number;
  readonly answer: (Answer & { readonly isOwned: boolean }) | undefined;
  readonly problem: string | undefined;
}

interface Limits {
  readonly patience: number;
  readonly stopMs: number;
  readonly cancel: () => Promise<void>;
}

async function settle(host: HostileHost, invocation: Invocation, { status, answer, problem, releaseMs }: Return, { patience, stopMs, cancel }: Limits): Promise<Omit<Outcome, 'kind' | 'method'>> {
  const end = { invocation, returned: status, problem, releaseMs };
  if (status !== Status.PENDING) {
    if (invocation.completions > 0) host.violation('completed-and-returned', `${invocation.label}: invoke returned ${status} after complete had been called`);
    return { ...end, answer: invocation.isOver ? undefined : answer, wasCancelled: invocation.isOver, never: undefined };
  }
  let done = await within(invocation.completed, invocation.isOver ? stopMs : patience);
  if (done === undefined && !invocation.isOver) {
    await cancel();
    done = await within(invocation.completed, stopMs);
  }
  const completion = invocation.completion;
  return {
    ...end,
    answer: completion === undefined ? undefined : { ...completion, isOwned: false },
    wasCancelled: invocation.isOver,
    never: done === undefined ? 'completed' : undefined,
  };
}

/** Cancels as hosts do: the word first, then the plugin's own function (rule 17). */
async function cancelNow(invocation: Invocation, signals: SignalWords, { cancelAt, data }: NativeCapability): Promise<void> {
  invocation.isOver = true;
  signals.cancelNow();
  if (cancelAt === 0) return;
  const wake = bind('cancel', cancelAt);
  await within(onWorker<undefined>((done) => wake.async(data, invocation.id, done)), STOP_MS);
}

async function run(call: Call, invocation: Invocation, signals: SignalWords): Promise<Return> {
  const plan = call.memory ?? {};
  const capacity = lentBytesOf(plan);
  const memory = requestMemory(call, plan, capacity, invocation.id, signals);
  const { invoke: native, data } = call.entryOf?.(call.capability) ?? call.capability;
  const [request, reply] = [memory.at('request'), memory.at('reply')];
  const status = call.onMain === true ? native(data, request, reply) : await onWorker<number>((done) => native.async(data, request, reply, done));
  invocation.returned = status;
  if (status === Status.PENDING || !isStatus(status)) {
    memory.takeBack();
    return { status, releaseMs: 0, answer: undefined, problem: isStatus(status) ? undefined : `invoke returned ${status}, which is not a status` };
  }
  const found = readReply(memory.read('reply'), () => memory.read('lent'), capacity);
  if (found.isOwned) await call.beforeRelease?.();
  const problem = found.problem ?? (found.isUnchanged() ? undefined : 'the memory of an answer has changed before it was released');
  const begin = monotonicNow();
  await found.release(call.releaseOnMain);
  const releaseMs = monotonicNow() - begin;
  memory.takeBack();
  return { status, releaseMs, answer: { status, format: found.format, bytes: found.bytes, isOwned: found.isOwned }, problem };
}

type CallPart = 'request' | 'method' | 'input' | 'context' | 'reply' | 'lent';

function requestMemory(call: Call, plan: MemoryPlan, capacity: number, id: number, signals: SignalWords): CallMemory<CallPart> {
  const input = Buffer.from(call.input as string);
  const method = Buffer.from(`${call.method}\0`);
  const context = Buffer.from(call.context ?? '');
  const sizes = { request: plan.sizes?.request ?? LAYOUTS.aisopod_request.size, reply: plan.sizes?.reply ?? LAYOUTS.aisopod_reply.size };
  const memory = new CallMemory({ ...sizes, method: method.length, input: input.length, context: context.length, lent: capacity }, plan);
  memory.write('method', method);
  memory.write('input', input);
  memory.write('context', context);
  const words = {
    format: call.format ?? Format.JSON,
    method: memory.at('method'),
    input: memory.at('input'),
    input_length: input.length,
    invocation: id,
    cancel: signals.cancel,
    room: signals.room,
    cancel_epoch: signals.epoch,
    ...(call.context !== undefined && { context: memory.at('context'), context_length: context.length }),
  };
  memory.write('request', structBytes('aisopod_request', words, sizes.request));
  memory.write('reply', structBytes('aisopod_reply', { format: Format.JSON, buffer: memory.at('lent'), capacity }, sizes.reply));
  memory.lend();
  return memory;
}
