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

/** What the host functions do for one plugin. Statuses are those of the header. */
export interface HostHandlers {
  readonly limit: number;
  readonly state: PluginState;
  onLog(level: (typeof LOG_LEVELS)[number], message: string): void;
  /** Returns a status, and the reason if the capability is refused. */
  onCapability(address: number): { readonly status: number; readonly reason: string };
  /** Whether a chunk or completion for this id is accepted: checked before its data is read. */
  admitChunk(invocation: number): number;
  onChunk(invocation: number, chunk: Chunk): void;
  admitCompletion(invocation: number): number;
  onCompletion(invocation: number, answer: Exclude<Answer, { kind: 'pending' }>): void;
  onCall(call: HostCall): number;
}

/** A function that plugins call: a row of the table in native-host.ts, or of an extension. */
export interface HostFunction {
  readonly signature: HostSignature;
  /** The struct at its first pointer. It is read and checked before `run`, which takes the members from it (rule 6). */
  readonly struct?: { read(from: number): StructProblem | undefined };
  /** States of the plugin in which it returns STATE (rule 7). */
  readonly refusedWhile?: readonly PluginState[];
  run(this: void, events: HostHandlers, first: number, second: number): number;
}

/** Runs a host function that native code called. */
export function enter({ struct, refusedWhile, run }: HostFunction, events: HostHandlers, first: number, second: number): number {
  if (struct?.read(first) !== undefined) return Status.INVALID;
  return refusedWhile?.includes(events.state) === true ? Status.STATE : run(events, first, second);
}
