import { labelOf } from '../../capability/descriptor.js';
import type { Backend } from '../../invocation/backend.js';
import type { Callee } from '../../invocation/callee.js';
import { Invoker } from '../../invocation/invoker.js';
import type { ChildEnd } from '../supervisor/child-end.js';
import type { RegisteredCapability } from '../wire/messages.js';
import type { ChildSession, NumberedRequest, PluginEndpoint } from './child-session.js';
import { RemoteDriver, type RemoteDriverOptions } from './remote-driver.js';
import type { RemoteInvocation, RemoteRun, Sent } from './remote-run.js';

/** The invocations of one plugin in a child: started by the host, and reported on by the child. */
export class RemoteInvoker {
  readonly #driver: RemoteDriver;
  readonly #invoker: Invoker<RegisteredCapability, RemoteRun>;

  constructor(
    private readonly options: RemoteDriverOptions,
  ) {
    this.#driver = new RemoteDriver(options);
    this.#invoker = new Invoker(this.#driver);
  }

  /** `sharesMemory`: INLINE capabilities can then also be called on this thread. */
  backendOf(capability: RegisteredCapability, sharesMemory: boolean): Backend {
    const callee: Callee = { pluginId: this.options.pluginId, capability: labelOf(capability) };
    const isSync = sharesMemory && capability.isInline === true && !this.options.waitForDebugger;
    const backend = this.#invoker.backendOf(callee, capability, {
      ...(isSync && { invokeSync: (method, input) => this.#invokeSync(callee, capability, method, input) }),
    });
    if (!this.options.waitForDebugger) return backend;
    return { invoke: (method, input, options) => backend.invoke(method, input, { ...options, timeoutMs: Infinity }) };
  }

  #invokeSync(callee: Callee, capability: RegisteredCapability, method: string, input: string): string {
    this.#invoker.admit(callee, input);
    let invocation: RemoteInvocation | undefined;
    const settled = this.#invoker.adopt(callee, { timeoutMs: this.options.syncTimeoutMs }, (begun) => (invocation = begun));
    settled.catch(() => undefined); // the caller gets it thrown
    return this.#driver.invokeSync(invocation!, capability, method, input);
  }

  setThreads(isThreadSafe: boolean, count: number): void {
    this.#driver.setThreads(isThreadSafe, count);
  }

  /** Sets the child in which the plugin is ready. With `undefined`, invocations wait. */
  use(session: ChildSession | undefined): void {
    this.#driver.use(session);
  }

  /** Resolves when none is open. */
  whenIdle(): Promise<void> {
    return this.#invoker.whenIdle();
  }

  open(): void {
    this.#invoker.open();
  }

  /** Refuses new invocations and ends all that are open (rule 10). */
  close(state: string): void {
    this.#invoker.close(state);
  }

  /** An invocation that was sent to a child and is not over. */
  find(id: number): RemoteInvocation | undefined {
    const invocation = this.#invoker.get(id);
    return invocation?.run?.sent === undefined ? undefined : invocation;
  }

  /** Receives what the child of `session` reports about its invocations. */
  endpointIn(session: ChildSession): Pick<PluginEndpoint, 'owns' | 'onInvocation' | 'newest' | 'onStarved' | 'onChildEnd'> {
    return {
      owns: (id) => this.#sentTo(session, id) !== undefined,
      onInvocation: (message, payload) => {
        const sent = this.#sentTo(session, message.id);
        return sent && this.#driver.take(...sent, message, payload);
      },
      newest: () => newestOf(this.#allSentTo(session)),
      onStarved: () => {
        this.#driver.onStarved(this.#allSentTo(session).map(([invocation]) => invocation));
      },
      onChildEnd: (end: ChildEnd) => {
        for (const [invocation, sent] of this.#allSentTo(session)) this.#driver.onChildEnd(invocation, sent, end);
      },
    };
  }

  #sentTo(session: ChildSession, id: number): [RemoteInvocation, Sent] | undefined {
    const invocation = this.#invoker.get(id);
    const sent = invocation?.run?.sent;
    return invocation === undefined || sent?.session !== session ? undefined : [invocation, sent];
  }

  #allSentTo(session: ChildSession): readonly [RemoteInvocation, Sent][] {
    return this.#invoker.all().flatMap(({ id }) => {
      const sent = this.#sentTo(session, id);
      return sent === undefined ? [] : [sent];
    });
  }
}

function newestOf(sent: readonly [RemoteInvocation, Sent][]): NumberedRequest | undefined {
  let newest: NumberedRequest | undefined;
  for (const [{ callee }, { number }] of sent) {
    if (newest === undefined || number > newest.number) newest = { during: callee.capability, suspect: callee.pluginId, number };
  }
  return newest;
}
