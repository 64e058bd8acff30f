/**
 * The messages between a host and a child process. Each message is the header of one frame (frames.ts), which can also have a
 * payload of text or bytes. The headers of a few messages are binary (binary-header.ts), all others are JSON.
 *
 * The child trusts the host. The host does not trust the child: any code of a broken plugin may write to the socket, so the host
 * checks every message, as `FROM_CHILD` says (read-message.ts).
 */
import type { CapabilityKind, ChunkTag } from '../../abi/constants.js';
import type { Step } from '../../errors/index.js';
import type { LogLevel } from '../../log/logger.js';
import type { ResourceLimits } from '../../report/resource-limits.js';
import type { TraceEntry } from '../../report/trace.js';
import type { TracedRules } from '../sandbox/trace/traced-rules.js';
import type { ErrorRecord } from './error-record.js';

/** Both ends belong to one package, so this differs only if `childEntry` is the child program of another version. */
export const PROTOCOL_VERSION = 5;

/** The child's descriptor of the socket. Descriptors 3 to 11 are /dev/null, so a plugin that writes there does no harm. */
export const PROTOCOL_FD = 12;
/** The socket for calls. With shared memory its bytes say nothing but "look", and the next descriptor is the memory. */
export const CALL_FD = 13;
export const MEMORY_FD = 14;

/** The last descriptor that the host gives a child. */
export function lastDescriptor(calls: CallWay | undefined): number {
  if (calls === undefined) return PROTOCOL_FD;
  return calls === 'memory' ? MEMORY_FD : CALL_FD;
}

/** Maximum number of chunks of one invocation that the host has not delivered. The child waits for `credit` to send more. */
export const MAX_CHUNKS_IN_FLIGHT = 64;
/** A chunk may be sent while fewer bytes are in flight, so one chunk may exceed this. */
export const MAX_BYTES_IN_FLIGHT = 4 << 20;

/**
 * Limits on the open calls that a plugin in a child makes: their number, and the bytes of their inputs. The child refuses further
 * calls; a child that sends more is killed. `bytes` also limits the answers that the child has not read.
 */
export const callLimits = (maxPayloadBytes: number) => ({ calls: 4096, bytes: 4 * Math.max(maxPayloadBytes, 16 << 20) });
/** The host learns late what the child has read, so it may count more open calls than the child. */
export const CALL_TOLERANCE = 1.25;

/** Maximum bytes of the answer to a request, whatever the limit on payloads is. */
export const MAX_ANSWER_BYTES = 16 << 20;

// Messages from the host. A `request` is answered by `loaded`, `done` or `failed`. `plugin` is a number that the host assigned:
// one child can have several plugins.

/** Payload: `{ candidate, library }`, which the host has checked. */
interface Load {
  readonly type: 'load';
  readonly request: number;
  readonly plugin: number;
  readonly createTimeoutMs: number;
  /** The deadline of calls that must not block: `release`, `cancel` and `on_reply`. NEVER_MS: none. */
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
  /** How long other calls may keep the plugin busy. */
  readonly waitMs: number;
}
/** Answered by `done` with the state as its payload: empty if there is none. */
interface Save {
  readonly type: 'save';
  readonly request: number;
  readonly plugin: number;
  /** How long other calls may keep the plugin busy. */
  readonly waitMs: number;
}
/** Payload: the state. Answered by `done` with `true` as its payload if the plugin takes one, else `false`. */
interface Restore {
  readonly type: 'restore';
  readonly request: number;
  readonly plugin: number;
}
interface Shutdown {
  readonly type: 'shutdown';
  readonly request: number;
  readonly plugin: number;
}
/** Payload: the input. Answered by `result` or `failure`, after optional `pending` and `chunk` messages. */
interface Invoke {
  readonly type: 'invoke';
  readonly plugin: number;
  /** Never reused. The invocation has the same id in the child. */
  readonly id: number;
  /** Its index in the order of registration. */
  readonly capability: number;
  /** Its index in the `methods` of the capability's kind. */
  readonly method: number;
  /** Whether to send chunks. */
  readonly chunks: boolean;
  readonly drain: boolean;
  /** Number of invocations in the host that led to this one. */
  readonly chainLength: number;
  /** JSON text: a section of the header. */
  readonly context?: string | undefined;
}
interface Cancel {
  readonly type: 'cancel';
  readonly id: number;
}
/** The host has delivered these chunks, so the child can send as many more. */
interface Credit {
  readonly type: 'credit';
  readonly id: number;
  readonly chunks: number;
  readonly bytes: number;
}
/** Answers `call`. Payload: the result, if there is no error. */
interface CallReply {
  readonly type: 'callReply';
  readonly plugin: number;
  readonly call: number;
  readonly error?: ErrorRecord | undefined;
}
/** The thread for calls is busy: run what waits in this ring on others. */
interface Help {
  readonly type: 'help';
  readonly ring: number;
}
interface Ping {
  readonly type: 'ping';
}
/** The last message: asks the child to exit. */
interface Exit {
  readonly type: 'exit';
}

export type HostRequest = Load | Register | Init | Reconfigure | Save | Restore | Shutdown;
export type HostMessage = HostRequest | Invoke | Cancel | Credit | CallReply | Help | Ping | Exit;
export type InvokeRequest = Invoke;

/** `Omit` for each member of a union. */
export type DistributiveOmit<M, K extends PropertyKey> = M extends unknown ? Omit<M, K> : never;

// Messages from the child. `request` and `id` are those of the host's message.

/** The child can load plugins. */
interface Ready {
  readonly type: 'ready';
  readonly version: number;
  /** The child cannot use the channel for calls: all of them come as messages. */
  readonly usesMessages?: true;
  /** The child's descriptor through which the host answers some of its calls. The child closes it before it loads a plugin. */
  readonly listener?: number;
  /** What the child may reach in the file system, if the host is to report what it is denied. */
  readonly rules?: TracedRules;
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
/** With `stillRunning`, `returned` follows when its native code has returned or has completed it. */
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
/** The child asks to be killed. `reason` completes "the plugin's process was killed by the host: it …". */
interface Fatal {
  readonly type: 'fatal';
  readonly reason: string;
}
/** The host's own program was started instead of Node. */
interface NotNode {
  readonly type: 'notNode';
}

/** Messages from a plugin in the child, usually sent by a host function. */
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
  | Fatal
  | NotNode;

/** Messages with a binary header, by sender. Only numbers, flags and sections have room in it. */
export type BinaryHostMessage = Invoke | Cancel | Credit;
export type BinaryChildMessage = Result | Returned | Pending | ChunkSent;
export type BinaryMessage = BinaryHostMessage | BinaryChildMessage;

/** Messages about plugins, not about the child itself. */
export type SessionMessage = Exclude<ChildMessage, Ready | Pong | Fatal | NotNode>;

export type CallWay = 'memory' | 'socket';

/** The child's one argument, as JSON. */
export interface ChildArgument {
  /** Ids, to be seen in a list of processes. */
  readonly plugins: string;
  readonly hostPid: number;
  readonly memoryLimitBytes?: number | undefined;
  readonly limits?: ResourceLimits | undefined;
  /** Wait for a debugger before a plugin is loaded. */
  readonly debug: boolean;
  /** How the calls of its one plugin come, if not as messages: through memory that is MEMORY_FD, or the socket alone. */
  readonly calls?: CallWay | undefined;
}

/** The capabilities that `register` registered, in order. */
export type RegisteredCapabilities = readonly RegisteredCapability[];

/** A capability as it was registered in a child. */
export interface RegisteredCapability extends Registration {
  /** Its index in the order of registration, by which an `invoke` names it. */
  readonly index: number;
}

/** What a child reports of a capability. */
export interface Registration {
  readonly kind: CapabilityKind;
  readonly name: string;
  readonly description: string;
  readonly spec: unknown;
  /** It does not block, so it does not wait for the plugin's other invocations. */
  readonly isInline?: boolean;
}
