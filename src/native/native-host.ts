import { Buffer } from 'node:buffer';
import { Format, LOG_LEVELS, MAX_LOG_LINE, MAX_NAME, kindOf, tagOf } from '../abi/constants.js';
import { LAYOUTS } from '../abi/layouts.js';
import { Status } from '../abi/status.js';
import {
  HostCallbacks,
  NULL,
  addressOf,
  copyBytes,
  extensionStruct,
  hostStruct,
  ownBuffer,
  structReader,
  type Address,
  type HostFunctionName,
} from '../library/index.js';
import { borrow, copyOf, decodeLossily, decodeText } from '../library/payload.js'; // not the index: see native-driver.ts
import { answerOf, noMemory, type Answer } from './answer.js';
import { HOST_EXTENSIONS } from './host-extensions.js';
import { STATES_WITHOUT_CALLS } from '../plugin/lifecycle.js';
import { enter, type HostHandlers, type HostFunction } from './host-function.js';
import { readText } from './native-capability.js';

const logReader = structReader('aisopod_log');
const chunkReader = structReader('aisopod_chunk');
const completionReader = structReader('aisopod_completion');
const callReader = structReader('aisopod_call');
const replyReader = structReader('aisopod_reply');

/** The host functions of the header. They pass what they have read to `events`. */
export const HOST_FUNCTIONS = {
  log: { signature: 'status(pointer)', struct: logReader, run: log },
  register_capability: { signature: 'status(pointer, pointer)', run: registerCapability },
  emit: { signature: 'status(pointer)', struct: chunkReader, refusedWhile: ['registering'], run: emit },
  complete: { signature: 'status(pointer)', struct: completionReader, refusedWhile: ['registering'], run: complete },
  call: { signature: 'status(pointer)', struct: callReader, refusedWhile: STATES_WITHOUT_CALLS, run: callOut },
  get_extension: { signature: 'pointer(pointer)', run: (_events, id) => extensionAt(readText(id as Address, MAX_NAME)) },
} as const satisfies Record<HostFunctionName, HostFunction>;

const callbacks = new HostCallbacks<HostHandlers>();
const register = (row: HostFunction): bigint => callbacks.register(row.signature, (events, first, second) => enter(row, events, first, second));
let registered: Record<HostFunctionName, bigint> | undefined;
const extensions = new Map<readonly HostFunction[], Address>();

/** The `aisopod_host` of one plugin. After `close` its functions return CLOSED; the struct is never freed. */
export function openHost(events: HostHandlers): { readonly address: Address; readonly close: () => void } {
  registered ??= Object.fromEntries(Object.entries(HOST_FUNCTIONS).map(([name, row]) => [name, register(row)])) as Record<HostFunctionName, bigint>;
  const { context, close } = callbacks.open(events);
  return { address: hostStruct(context, registered), close };
}

/** The struct of an extension, made at its first use; NULL if there is no extension with this name. */
export function extensionAt(name: string | undefined, table = HOST_EXTENSIONS): Address {
  const functions = name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
  if (functions === undefined) return NULL;
  const at = extensions.get(functions) ?? extensionStruct(functions.map(register));
  extensions.set(functions, at);
  return at;
}

function registerCapability(events: HostHandlers, capability: number, reply: number): number {
  const { status, reason } = events.onCapability(capability);
  if (status < 0) writeReply(reply, reason);
  return status;
}

function log(events: HostHandlers): number {
  const at = logReader.pointer('message');
  const given = logReader.word('message_length');
  // No line has this length, so it is wrong: not even the part that would be kept may be readable.
  if (given > events.limit) return Status.TOO_LARGE;
  const length = Math.min(given, MAX_LOG_LINE);
  if (length > 0 && at === 0) return Status.INVALID;
  const level = LOG_LEVELS[logReader.u32('level') - 1] ?? 'info';
  events.onLog(level, decodeLossily(borrow(at, length), length));
  return Status.OK;
}

function emit(events: HostHandlers): number {
  const invocation = chunkReader.word('invocation');
  const admitted = events.admitChunk(invocation);
  if (admitted !== Status.OK) return admitted;
  const tag = tagOf(chunkReader.u32('tag'));
  const format = chunkReader.u32('format');
  const at = chunkReader.pointer('data');
  const length = chunkReader.word('length');
  const refusal = payloadRefusal(at, length, events.limit);
  if (refusal !== undefined) return refusal;
  const data = format === Format.BYTES ? copyOf(at, length) : decodeText(borrow(at, length), length);
  if (tag === undefined || data === undefined || (format !== Format.JSON && format !== Format.BYTES)) return Status.INVALID;
  events.onChunk(invocation, { tag, data });
  return Status.OK;
}

function complete(events: HostHandlers): number {
  const invocation = completionReader.word('invocation');
  const admitted = events.admitCompletion(invocation);
  if (admitted !== Status.OK) return admitted;
  const status = completionReader.i32('status');
  const format = completionReader.u32('format');
  const length = completionReader.word('length');
  const at = completionReader.pointer('data');
  const answer = completionAnswer(status, format, at, length, events.limit);
  events.onCompletion(invocation, answer);
  return answer.kind === 'violation' ? Status.INVALID : Status.OK;
}

/** The answer in a completion. One that breaks the contract ends its invocation too: the plugin may not send another. */
function completionAnswer(status: number, format: number, at: Address, length: number, limit: number): Exclude<Answer, { kind: 'pending' }> {
  if (length > limit) return { kind: 'too-large', bytes: length, limit };
  const answer = length > 0 && at === 0 ? noMemory(length) : answerOf(status, format, borrow(at, length), length, limit);
  return answer.kind === 'pending' ? { kind: 'violation', expected: 'a final status', found: 'PENDING' } : answer;
}

function callOut(events: HostHandlers): number {
  const kind = kindOf(callReader.u32('kind'));
  const at = { name: callReader.pointer('name'), method: callReader.pointer('method'), input: callReader.pointer('input') };
  const length = callReader.word('input_length');
  const parent = callReader.word('parent');
  const onReply = callReader.pointer('on_reply');
  const user = callReader.opaque('user');
  const name = readText(at.name, MAX_NAME);
  const method = readText(at.method, MAX_NAME);
  if (kind === undefined || name === undefined || method === undefined || onReply === 0) return Status.INVALID;
  const refusal = payloadRefusal(at.input, length, events.limit);
  if (refusal !== undefined) return refusal;
  const input = decodeText(borrow(at.input, length), length);
  return input === undefined ? Status.INVALID : events.onCall({ kind, name, method, input, parent, onReply, user });
}

/** The status that refuses a payload before it is read, or `undefined`. */
function payloadRefusal(at: Address, length: number, limit: number): number | undefined {
  if (length > limit) return Status.TOO_LARGE;
  return length > 0 && at === 0 ? Status.INVALID : undefined;
}

const LENGTH_AT = LAYOUTS.aisopod_reply.members.length.offset;

/** Writes the reason of a refusal into the plugin's reply, cut to its capacity. Ignores an absent or invalid reply. */
function writeReply(address: number, reason: string): void {
  if (address === 0 || replyReader.read(address) !== undefined) return;
  const buffer = replyReader.pointer('buffer');
  if (buffer === 0) return;
  const text = ownBuffer(Math.min(Buffer.byteLength(reason), replyReader.word('capacity')));
  const length = text.write(reason);
  copyBytes(buffer, addressOf(text), length);
  const lengthWord = ownBuffer(8);
  lengthWord.writeUInt32LE(length);
  copyBytes((address + LENGTH_AT) as Address, addressOf(lengthWord), 8);
}
