import type { CapabilityKind, LOG_LEVELS } from '../abi/constants.js';
import { Status } from '../abi/status.js';
import type { Address, HostSignature, Opaque, StructProblem } from '../library/index.js';
import type { Chunk } from '../invocation/backend.js';
import type { Answer } from './answer.js';
import type { PluginState } from '../plugin/lifecycle-table.js';

/** A plugin's call to another capability, read and checked. */
export interface HostCall {
  readonly kind: CapabilityKind;
  readonly name: string;
  readonly method: string;
  readonly input: string;
  readonly parent: number;
  readonly onReply: Address;
  readonly user: Opaque;
}

/** What a plugin does with what its host functions were given. Statuses are the header's. */
export interface HostHandlers {
  readonly limit: number;
  readonly state: PluginState;
  onLog(level: (typeof LOG_LEVELS)[number], message: string): void;
  /** Answers a status, and the reason of a refusal. */
  onCapability(address: number): { readonly status: number; readonly reason: string };
  /** The id before the data pointer: says whether a chunk or completion would be taken, before its data is touched. */
  admitChunk(invocation: number): number;
  onChunk(invocation: number, chunk: Chunk): void;
  admitCompletion(invocation: number): number;
  onCompletion(invocation: number, answer: Exclude<Answer, { kind: 'pending' }>): void;
  onCall(call: HostCall): number;
}

/** A function that plugins call with their host's context: a row of the table in native-host.ts, or of an extension. */
export interface HostFunction {
  readonly signature: HostSignature;
  /** What its first pointer must lead to: read and checked before `run`, which takes from it what it needs (rule 6). */
  readonly struct?: { read(from: number): StructProblem | undefined };
  /** States of the plugin in which it answers STATE (rule 7). */
  readonly refusedWhile?: readonly PluginState[];
  run(this: void, events: HostHandlers, first: number, second: number): number;
}

/** What native code enters by. */
export function enter({ struct, refusedWhile, run }: HostFunction, events: HostHandlers, first: number, second: number): number {
  if (struct?.read(first) !== undefined) return Status.INVALID;
  return refusedWhile?.includes(events.state) === true ? Status.STATE : run(events, first, second);
}
