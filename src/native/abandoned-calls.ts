// The files themselves: see native-driver.ts.
import type { InvocationError } from '../errors/index.js';
import type { Callee } from '../invocation/callee.js';
import { busy } from '../invocation/errors.js';
import type { PluginRecord } from '../report/plugin-record.js';
import type { NativeInvocation } from './native-run.js';

/** An invocation that has passed its deadline in native code. */
export interface OverdueCall {
  /** `tool forecast` … */
  readonly capability: string;
  readonly timeoutMs: number;
  /** Whether native code still runs for it. */
  readonly isInside: () => boolean;
}

/** The invocations of one plugin that were cancelled, or passed their deadline, while native code still runs for them. */
export class AbandonedCalls {
  readonly #inside = new Set<NativeInvocation>();

  constructor(
    private readonly record: PluginRecord,
    private readonly onOverdue?: (call: OverdueCall) => void,
  ) {}

  get names(): readonly string[] {
    return [...this.#inside].map(({ callee }) => callee.capability);
  }

  add(invocation: NativeInvocation): void {
    this.#inside.add(invocation);
    if (invocation.cancelledBy !== 'deadline') return;
    this.record.add('active', `${invocation.callee.capability} passed its deadline; its native call is still running`);
    const { callee, timeoutMs } = invocation;
    this.onOverdue?.({ capability: callee.capability, timeoutMs, isInside: () => this.#inside.has(invocation) });
  }

  /** For any invocation. */
  onReturn(invocation: NativeInvocation): void {
    if (!this.#inside.delete(invocation) || invocation.cancelledBy !== 'deadline') return;
    this.record.add('active', `${invocation.callee.capability} returned after its deadline`);
  }

  /**
   * Why the plugin takes no more invocations. After a deadline nobody knows what its native code is doing. After a cancel it is
   * expected to return.
   */
  refusal(callee: Callee): InvocationError | undefined {
    if (this.#inside.size === 0) return undefined;
    for (const { cancelledBy, callee: stuck } of this.#inside) {
      if (cancelledBy === 'deadline') return busy(callee, `${stuck.capability} passed its deadline and is still running`);
    }
    return undefined;
  }
}
