/**
 * What a host and the child process of its plugins say to each other. Each message is the header of one frame
 * (frames.ts); its payload, where it has one, is text or bytes of a plugin's or of the host's.
 *
 * The child trusts the host. The host trusts nobody: whatever is inside a broken plugin's process may write to the
 * socket, so what comes from there is read through `readChildMessage` (read-message.ts).
 */
import type { CapabilityKind, ChunkTag } from '../../abi/constants.js';
import type { Step } from '../../errors/index.js';
import type { LogLevel } from '../../log/logger.js';
import type { TraceEntry } from '../../report/trace.js';
import type { ErrorRecord } from './error-record.js';

/** Both ends are of one package, so this differs only where a host was pointed at another package's child. */
export const PROTOCOL_VERSION = 1;

/** The child's descriptor of the socket. Those from 3 to 11 are /dev/null: a plugin that writes there hits nothing. */
export const PROTOCOL_FD = 12;

/** A host keeps at most this much of one invocation's chunks waiting; the child sends more when it is told of room. */
export const MAX_CHUNKS_IN_FLIGHT = 64;
/** A chunk may be sent while less than this is on the way, so one may go over it. */
export const MAX_BYTES_IN_FLIGHT = 4 << 20;

/**
 * What a plugin in a child may have open of calls of other capabilities: so many, and so many bytes of input. Its child
 * refuses it more; one that sends more all the same is killed. So many bytes of answers are kept for it to be read.
 */
export const callLimits = (maxPayloadBytes: number) => ({ calls: 4096, bytes: 4 * Math.max(maxPayloadBytes, 16 << 20) });
/** A host that is told late of what has been read has some more open for a moment than the child. */
export const CALL_TOLERANCE = 1.25;

/** Most bytes of what answers a request, whatever the limit of payloads is. */
export const MAX_ANSWER_BYTES = 16 << 20;

// From the host. `request` is answered by `loaded`, `done` or `failed`. `plugin` is the number that the host gave it:
// one child may have many.

/** Payload: `{ candidate, library }`, which the host has examined. */
interface Load {
  readonly type: 'load';
  readonly request: number;
  readonly plugin: number;
  readonly createTimeoutMs: number;
  /** How long what must not block may take: `release`, `cancel` and a call's `on_reply`. NEVER_MS: for ever. */
  readonly errandTimeoutMs: number;
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
export type InvokeRequest = Invoke;

/** An omission that keeps the members of a union apart. */
export type Without<M, K extends PropertyKey> = M extends unknown ? Omit<M, K> : never;

// From the child. `request` and `id` are those of the host's message.

/** The child runs; no plugin is in it yet. */
interface Ready {
  readonly type: 'ready';
  readonly version: number;
}
/** Loading is about to take this step. */
interface StepBegins {
  readonly type: 'step';
  readonly request: number;
  readonly step: Step;
}
/** Loading has taken a step, or failed in it. */
interface Traced {
  readonly type: 'traced';
  readonly request: number;
  readonly entry: TraceEntry;
}
interface Loaded {
  readonly type: 'loaded';
  readonly request: number;
  readonly isThreadSafe: boolean;
  readonly wantsOneThread: boolean;
}
interface Done {
  readonly type: 'done';
  readonly request: number;
}
interface Failed {
  readonly type: 'failed';
  readonly request: number;
  readonly error: ErrorRecord;
}
/** Payload: the reply. */
interface Result {
  readonly type: 'result';
  readonly id: number;
}
/** With `stillRunning`, `returned` follows when native code is through with it: has come out, or has completed it. */
interface Failure {
  readonly type: 'failure';
  readonly id: number;
  readonly error: ErrorRecord;
  readonly stillRunning: boolean;
}
interface Returned {
  readonly type: 'returned';
  readonly id: number;
}
interface Pending {
  readonly type: 'pending';
  readonly id: number;
}
/** Payload: the chunk. */
interface ChunkSent {
  readonly type: 'chunk';
  readonly id: number;
  readonly tag: ChunkTag;
  readonly isText: boolean;
}
/** Payload: the line. */
interface Log {
  readonly type: 'log';
  readonly plugin: number;
  readonly level: LogLevel;
}
/** For the plugin's record. */
interface RecordedEvent {
  readonly type: 'event';
  readonly plugin: number;
  readonly step: Step;
  readonly message: string;
}
/** Calls a capability of any plugin. Payload: the input. */
interface Call {
  readonly type: 'call';
  readonly plugin: number;
  readonly call: number;
  readonly kind: CapabilityKind;
  readonly name: string;
  readonly method: string;
  /** An invocation's id, or 0. */
  readonly parent: number;
  /** Whether a thread is inside the plugin on behalf of the parent. */
  readonly inside: boolean;
}
interface Pong {
  readonly type: 'pong';
}
/** It asks to be killed. `reason` follows "the plugin's process was killed by the host: it". */
interface Hopeless {
  readonly type: 'hopeless';
  readonly reason: string;
}
/** The host's own program runs, where Node was to run the program of a child. */
interface NotNode {
  readonly type: 'notNode';
}

/** What a plugin in the child tells the host, most of it through a host function. */
export type PluginMessage = Log | RecordedEvent | Call;

export type ChildMessage =
  | Ready
  | StepBegins
  | Traced
  | Loaded
  | Done
  | Failed
  | Result
  | Failure
  | Returned
  | Pending
  | ChunkSent
  | PluginMessage
  | Pong
  | Hopeless
  | NotNode;

/** What a child says of its plugins, and not of itself. */
export type SessionMessage = Exclude<ChildMessage, Ready | Pong | Hopeless | NotNode>;

/** The child's one argument, as JSON. */
export interface ChildArgument {
  /** For who looks at a list of processes. */
  readonly plugins: string;
  readonly hostPid: number;
  readonly memoryLimitBytes?: number | undefined;
  /** Wait for a debugger before a plugin is loaded. */
  readonly debug: boolean;
}

/** What `register` registered, in order. */
export type RegisteredCapabilities = readonly RegisteredCapability[];

/** A capability as it was registered in a child. */
export interface RegisteredCapability {
  readonly kind: CapabilityKind;
  readonly name: string;
  readonly description: string;
  readonly spec: unknown;
  /** It does not block, and need not wait for the plugin's other invocations. */
  readonly isInline?: boolean;
}
