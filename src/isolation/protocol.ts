/**
 * What a host and the child process of its plugins say to each other. Each message is the header of one frame
 * (frames.ts); its payload, where it has one, is text or bytes of a plugin's or of the host's.
 *
 * The child trusts the host. The host trusts nobody: whatever is inside a broken plugin's process may write to the
 * socket, so what comes from there is read through `readChildMessage`.
 */
import { z } from 'zod';
import { CAPABILITY_KINDS, LOG_LEVELS, TAGS, type CapabilityKind } from '../abi/constants.js';
import { STEPS } from '../errors/index.js';
import type { TraceEntry } from '../report/trace.js';
import { ErrorRecord } from './error-record.js';

/** Both ends are of one package, so this differs only where a host was pointed at another package's child. */
export const PROTOCOL_VERSION = 1;

/** The child's descriptor of the socket. Those from 3 to 11 are /dev/null: a plugin that writes there hits nothing. */
export const PROTOCOL_FD = 12;

/** A host keeps at most this much of one invocation's chunks waiting; the child sends more when it is told of room. */
export const MOST_CHUNKS_ON_THE_WAY = 64;
/** A chunk may be sent while less than this is on the way, so one may go over it. */
export const MOST_BYTES_ON_THE_WAY = 4 << 20;

/** Calls of other capabilities that a child may have open. */
export const MOST_OPEN_CALLS = 4096;

// From the host. `request` is answered by `loaded`, `done` or `failed`. `plugin` is the number that the host gave it:
// one child may have many.

/** Payload: the candidate. */
interface Load {
  readonly type: 'load';
  readonly request: number;
  readonly plugin: number;
  /** The file to open, which the host has admitted. */
  readonly library: string;
  readonly hostVersion: string;
  readonly createTimeoutMs: number;
  readonly maxPayloadBytes: number;
}
/** Payload: `TakenName[]`. Answered by `done` with `RegisteredCapability[]` as its payload. */
interface Register {
  readonly type: 'register';
  readonly request: number;
  readonly plugin: number;
}
/** Payload: the configuration. */
interface Init {
  readonly type: 'init';
  readonly request: number;
  readonly plugin: number;
  readonly dataDir: string;
  readonly hostVersion: string;
}
/** Payload: the configuration. */
interface Reconfigure {
  readonly type: 'reconfigure';
  readonly request: number;
  readonly plugin: number;
}
interface Shutdown {
  readonly type: 'shutdown';
  readonly request: number;
  readonly plugin: number;
}
/** Payload: the input. Answered by `result` or `failure`; before that perhaps `pending` and `chunk`s. */
interface Invoke {
  readonly type: 'invoke';
  readonly plugin: number;
  /** Never used again in this child. */
  readonly id: number;
  readonly kind: CapabilityKind;
  readonly name: string;
  readonly method: string;
  /** Whether chunks are wanted. */
  readonly chunks: boolean;
  readonly drain: boolean;
  /** How many invocations of the host's lead to this one. */
  readonly chainLength: number;
}
interface Cancel {
  readonly type: 'cancel';
  readonly id: number;
}
/** These have been taken: there is room for more. */
interface Credit {
  readonly type: 'credit';
  readonly id: number;
  readonly chunks: number;
  readonly bytes: number;
}
/** Answers `call`. Payload: the result, where there is no error. */
interface CallReply {
  readonly type: 'callReply';
  readonly plugin: number;
  readonly call: number;
  readonly error?: ErrorRecord | undefined;
}
interface Ping {
  readonly type: 'ping';
}
/** The last message: the child ends itself. */
interface Exit {
  readonly type: 'exit';
}

export type HostRequest = Load | Register | Init | Reconfigure | Shutdown;
export type HostMessage = HostRequest | Invoke | Cancel | Credit | CallReply | Ping | Exit;
export type InvokeMessage = Invoke;

/** An omission that keeps the members of a union apart. */
export type Without<M, K extends PropertyKey> = M extends unknown ? Omit<M, K> : never;

// From the child.

const id = z.int().min(1);
const plugin = z.int().min(0);
const word = z.string().max(128);

const phrase = z.string().max(8192);

const TracedStep = z.strictObject({
  step: z.enum(STEPS),
  check: word,
  decision: z.enum(['passed', 'refused', 'noted']),
  expected: phrase.exactOptional(),
  found: phrase.exactOptional(),
  code: ErrorRecord.shape.code.exactOptional(),
  hint: phrase.exactOptional(),
  durationMs: z.number().min(0),
}) satisfies z.ZodType<TraceEntry>;

const MESSAGES = [
  /** The child runs; no plugin is in it yet. */
  z.strictObject({ type: z.literal('ready'), version: z.int() }),
  /** Loading is about to take this step. */
  z.strictObject({ type: z.literal('step'), request: id, step: z.enum(STEPS) }),
  /** Loading has taken a step, or failed in it. */
  z.strictObject({ type: z.literal('traced'), request: id, entry: TracedStep }),
  z.strictObject({ type: z.literal('loaded'), request: id, isThreadSafe: z.boolean(), wantsOneThread: z.boolean() }),
  z.strictObject({ type: z.literal('done'), request: id }),
  z.strictObject({ type: z.literal('failed'), request: id, error: ErrorRecord }),
  /** Payload: the reply. */
  z.strictObject({ type: z.literal('result'), id }),
  /** With `stillRunning`, `returned` follows when native code is through with it: has come out, or has completed it. */
  z.strictObject({ type: z.literal('failure'), id, error: ErrorRecord, stillRunning: z.boolean() }),
  z.strictObject({ type: z.literal('returned'), id }),
  z.strictObject({ type: z.literal('pending'), id }),
  /** Payload: the chunk. */
  z.strictObject({ type: z.literal('chunk'), id, tag: z.enum(TAGS), isText: z.boolean() }),
  /** Payload: the line. */
  z.strictObject({ type: z.literal('log'), plugin, level: z.enum(LOG_LEVELS) }),
  /** For the plugin's record. */
  z.strictObject({ type: z.literal('event'), plugin, step: z.enum(STEPS), message: phrase }),
  /** Calls a capability of any plugin. Payload: the input. `parent` is an invocation's id, or 0. */
  z.strictObject({
    type: z.literal('call'),
    plugin,
    call: id,
    kind: z.enum(CAPABILITY_KINDS),
    name: word,
    method: word,
    parent: z.int().min(0),
    /** Whether a thread is inside the plugin on behalf of the parent. */
    inside: z.boolean(),
  }),
  z.strictObject({ type: z.literal('pong') }),
  /** Its plugins have taken more memory than they may: so many bytes. */
  z.strictObject({ type: z.literal('overMemory'), bytes: z.int().min(0) }),
] as const;

const ChildMessage = z.discriminatedUnion('type', MESSAGES);
export type ChildMessage = z.output<typeof ChildMessage>;

/** What `register` registered, in order. */
const RegisteredCapabilities = z
  .array(z.strictObject({ kind: z.enum(CAPABILITY_KINDS), name: word, description: z.string().max(8192), spec: z.unknown().optional() }))
  .max(10_000);
export type RegisteredCapabilities = z.output<typeof RegisteredCapabilities>;

/** A message from the child, or `undefined` where it is none. */
export function readChildMessage(header: unknown): ChildMessage | undefined {
  return ChildMessage.safeParse(header).data;
}

/** The payload that answers `register`, or `undefined` where it is something else. */
export function readCapabilities(payload: string): RegisteredCapabilities | undefined {
  try {
    return RegisteredCapabilities.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined;
  }
}
