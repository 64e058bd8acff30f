import type { Buffer } from 'node:buffer';
import { Status } from '../../../../abi/status.js';
import { HostCallbacks, type Address, type HostFunctionName } from '../../../../library/index.js';
import type { NativeCapability } from '../../../../native/native-capability.js';
import { HOST_FUNCTIONS, type HostFunctionRow } from './host-functions.js';
import type { Invocation } from './invocation.js';
import type { Violation, ViolationKind } from './violation.js';
import { hostBytes } from './struct-bytes.js';

export type Phase = 'registering' | 'starting' | 'active' | 'stopping' | 'stopped';

export interface LogLine {
  readonly level: number;
  readonly message: string;
}

/** A call that the plugin made to another capability. */
export interface OutgoingCall {
  readonly kind: string;
  readonly name: string;
  readonly onReply: Address;
  readonly user: number | bigint;
}

/** Everything that a plugin did with its host. */
export class HostileHost {
  phase: Phase = 'registering';
  readonly capabilities: NativeCapability[] = [];
  readonly logs: LogLine[] = [];
  readonly violations: Violation[] = [];
  readonly calls: OutgoingCall[] = [];
  readonly counts = new Map<HostFunctionName, number>();
  readonly #invocations = new Map<number, Invocation>();
  readonly #refusals = new Map<HostFunctionName, number[]>();
  /** Answers every call, of any function, with CLOSED. */
  isClosed = false;
  /** Gets what the plugin asks for with `call`. Returns the status. */
  onCall: (call: OutgoingCall) => number = () => Status.NOT_FOUND;

  /** `declares` says whether the manifest lists a capability. */
  constructor(readonly declares: (kind: string, name: string) => boolean) {}

  /** The next calls of a function get these statuses, one each, and do nothing. */
  refuse(name: HostFunctionName, ...statuses: readonly number[]): void {
    this.#refusals.set(name, [...(this.#refusals.get(name) ?? []), ...statuses]);
  }

  /** How many of the refusals no call has got yet. */
  pendingRefusals(name: HostFunctionName): number {
    return this.#refusals.get(name)?.length ?? 0;
  }

  violation(kind: ViolationKind, message: string): void {
    this.violations.push({ kind, message });
  }

  begin(invocation: Invocation): void {
    this.#invocations.set(invocation.id, invocation);
  }

  /** Forgets every invocation that has ended. */
  forget(): void {
    this.#invocations.clear();
    this.logs.length = 0;
  }

  invocation(id: number): Invocation | undefined {
    return this.#invocations.get(id);
  }

  /** Runs a function that the plugin called. */
  enter(name: HostFunctionName, row: HostFunctionRow, first: number, second: number): number {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    const refusal = this.#refusals.get(name)?.shift();
    if (refusal !== undefined) {
      row.onRefused?.(this, first);
      return refusal;
    }
    if (this.phase === 'stopped') this.violation('called-after-shutdown', `${name} was called after shutdown had returned`);
    if (this.isClosed || this.phase === 'stopped') {
      row.onRefused?.(this, first);
      return row.whenClosed;
    }
    if (this.phase === 'registering' && !row.whileRegistering) {
      this.violation('called-while-registering', `${name} was called by register_capabilities`);
      return row.whenClosed === 0 ? 0 : Status.STATE;
    }
    return row.run(this, first, second);
  }
}

const callbacks = new HostCallbacks<HostileHost>();
let functions: Record<HostFunctionName, bigint> | undefined;

/** The bytes of an `aisopod_host`, `size` of them, whose functions reach `host`. */
export function bytesOfHost(host: HostileHost, size?: number): Buffer {
  functions ??= registerAll();
  return hostBytes(callbacks.open(host).context, functions, size);
}

function registerAll(): Record<HostFunctionName, bigint> {
  const rows = Object.entries(HOST_FUNCTIONS) as [HostFunctionName, HostFunctionRow][];
  return Object.fromEntries(
    rows.map(([name, row]) => [name, callbacks.register(row.signature, (host, first, second) => host.enter(name, row, first, second))]),
  ) as Record<HostFunctionName, bigint>;
}
