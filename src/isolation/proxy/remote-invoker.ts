import { labelOf } from '../../capability/descriptor.js';
import type { Backend, InvokeOptions } from '../../invocation/backend.js';
import { chainLength, refuseReentry } from '../../invocation/call-chain.js';
import { refuseLargeInput } from '../../invocation/input-limit.js';
import type { Callee } from '../../invocation/callee.js';
import { InvocationError } from '../../errors/index.js';
import { LinkedQueue } from '../../options/linked-queue.js';
import type { PluginChild } from '../supervisor/plugin-child.js';
import type { RegisteredCapability } from '../wire/messages.js';
import { RemoteInvocation, type RemoteInvocationHooks } from './remote-invocation.js';
import { SendWindow } from './send-window.js';

export interface RemoteInvokerOptions {
  readonly pluginId: string;
  /** The plugin's number in its child. */
  readonly plugin: number;
  readonly maxPayloadBytes: number;
  /** From a deadline until the child is killed. */
  readonly graceMs: number;
  /** No deadline applies. */
  readonly isDebugged: boolean;
}

/** Invocations that wait for their turn, in the order in which they came, and those that have it. */
class Lane {
  readonly waiting = new LinkedQueue<RemoteInvocation>();
  readonly window = new SendWindow();
}

/** Takes invocations to one plugin in a child, or keeps them until there is a child to take them to. */
export class RemoteInvoker {
  /** Why nothing may be invoked (any more), or `undefined`. */
  closedState: string | undefined = 'not active yet';
  #isThreadSafe = false;
  /** Absent while the plugin is not ready in one. */
  #child: PluginChild | undefined;
  /** Those whose callers wait. */
  readonly #open = new Set<RemoteInvocation>();
  /** Those that native code may be at, by id. */
  readonly #sent = new Map<number, RemoteInvocation>();
  readonly #lane = new Lane();
  /** INLINE capabilities do not block: they have a way past what blocks the plugin's threads, as in the child. */
  readonly #inlineLane = new Lane();
  /** Past their deadline and not yet out, with what spares the child. While there are any, nothing new is sent. */
  readonly #overdue = new Map<RemoteInvocation, () => void>();
  readonly #hooks: RemoteInvocationHooks = {
    onSettled: (invocation) => {
      this.#open.delete(invocation);
      invocation.takeBack();
    },
    onPending: (invocation) => this.#leave(invocation),
    onOverdue: (invocation) => this.#onOverdue(invocation),
    onOver: (invocation) => this.#onOver(invocation),
  };

  constructor(private readonly options: RemoteInvokerOptions) {}

  backendOf(descriptor: RegisteredCapability): Backend {
    const callee: Callee = { pluginId: this.options.pluginId, capability: labelOf(descriptor) };
    // async, so that every failure is a rejection
    return { invoke: async (method, input, options) => this.#invoke(descriptor, callee, method, input, options) };
  }

  /** What the plugin says of its threads, and how many its child has. */
  setThreads(isThreadSafe: boolean, count: number): void {
    this.#isThreadSafe = isThreadSafe;
    this.#lane.window.threads = isThreadSafe ? count : 1;
  }

  /** The child that the plugin is ready in; `undefined` has what comes wait. */
  use(child: PluginChild | undefined): void {
    this.#child = child;
    this.#flush();
  }

  /** An invocation that native code may be at. */
  find(id: number): RemoteInvocation | undefined {
    return this.#sent.get(id);
  }

  /** Ends everything open (rule 10). */
  cancelAll(state: string): void {
    this.closedState = state;
    const { pluginId } = this.options;
    for (const invocation of [...this.#open]) {
      const { capability } = invocation.callee;
      invocation.giveUp(new InvocationError('ERR_PLUGIN_CLOSED', { capability, state }, { pluginId }));
    }
  }

  #invoke({ kind, name, isInline }: RegisteredCapability, callee: Callee, method: string, input: string, given: InvokeOptions): Promise<string> {
    const { capability, pluginId } = callee;
    if (this.closedState !== undefined) {
      throw new InvocationError('ERR_PLUGIN_CLOSED', { capability, state: this.closedState }, { pluginId });
    }
    refuseLargeInput(callee, input, this.options.maxPayloadBytes);
    if (!this.#isThreadSafe) refuseReentry(callee, given.parent);
    if (given.signal?.aborted === true) {
      const context = { pluginId, cause: given.signal.reason as unknown };
      throw new InvocationError('ERR_INVOCATION_CANCELLED', { capability, stillRunning: false }, context);
    }
    const options = this.options.isDebugged ? { ...given, timeoutMs: Infinity } : given;
    const order = { plugin: this.options.plugin, kind, name, method, chainLength: chainLength(given.parent) };
    const invocation = new RemoteInvocation(callee, order, input, this.#hooks, options);
    this.#open.add(invocation);
    const lane = isInline === true ? this.#inlineLane : this.#lane;
    const link = lane.waiting.push(invocation);
    invocation.queued(() => lane.waiting.remove(link));
    this.#flush();
    return invocation.promise;
  }

  readonly #flush = (): void => {
    for (const lane of [this.#inlineLane, this.#lane]) this.#flushLane(lane);
  };

  #flushLane({ waiting, window }: Lane): void {
    while (!waiting.isEmpty && window.hasRoom) {
      const child = this.#child;
      if (child === undefined || child.isGone || this.#overdue.size > 0) return;
      if (!child.outbox.hasRoom) {
        child.outbox.whenRoom(this.#flush);
        return;
      }
      const invocation = waiting.shift()!;
      window.enter(invocation.id, invocation.inputLength);
      this.#sent.set(invocation.id, invocation);
      invocation.send(child);
    }
  }

  #leave({ id }: RemoteInvocation): void {
    if (this.#lane.window.leave(id) || this.#inlineLane.window.leave(id)) this.#flush();
  }

  #onOverdue(invocation: RemoteInvocation): void {
    if (this.#overdue.has(invocation)) return;
    const child = this.#child;
    const { graceMs } = this.options;
    const { capability, pluginId } = invocation.callee;
    const kill = (): void => {
      const what = invocation.inside ? `was still in ${capability}` : `had not completed ${capability}`;
      child?.kill(`${what} ${graceMs} ms after its deadline`, { during: capability, suspect: pluginId });
    };
    this.#overdue.set(invocation, child?.clock.deadline(graceMs + invocation.owedMs, kill) ?? ((): void => undefined));
  }

  #onOver(invocation: RemoteInvocation): void {
    this.#sent.delete(invocation.id);
    this.#overdue.get(invocation)?.();
    if (this.#overdue.delete(invocation)) this.#flush();
    this.#leave(invocation);
  }
}
