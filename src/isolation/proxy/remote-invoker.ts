import { labelOf } from '../../capability/descriptor.js';
import type { Backend } from '../../invocation/backend.js';
import { Invoker } from '../../invocation/invoker.js';
import type { ChildEnd } from '../supervisor/child-end.js';
import type { RegisteredCapability } from '../wire/messages.js';
import type { ChildSession, NumberedStep, PluginEndpoint } from './child-session.js';
import { RemoteDriver, type RemoteDriverOptions } from './remote-driver.js';
import type { RemoteInvocation, RemoteRun, Sent } from './remote-run.js';

/** Invocations of one plugin in a child, as its host calls them, and as the child speaks of them. */
export class RemoteInvoker {
  readonly #driver: RemoteDriver;
  readonly #invoker: Invoker<RegisteredCapability, RemoteRun>;

  constructor(
    private readonly options: RemoteDriverOptions & {
      /** No deadline applies. */
      readonly isDebugged: boolean;
    },
  ) {
    this.#driver = new RemoteDriver(options);
    this.#invoker = new Invoker(this.#driver);
  }

  backendOf(capability: RegisteredCapability): Backend {
    const backend = this.#invoker.backendOf({ pluginId: this.options.pluginId, capability: labelOf(capability) }, capability);
    if (!this.options.isDebugged) return backend;
    return { invoke: (method, input, options) => backend.invoke(method, input, { ...options, timeoutMs: Infinity }) };
  }

  setThreads(isThreadSafe: boolean, count: number): void {
    this.#driver.setThreads(isThreadSafe, count);
  }

  /** The child that the plugin is ready in; `undefined` has what comes wait. */
  use(session: ChildSession | undefined): void {
    this.#driver.use(session);
  }

  open(): void {
    this.#invoker.open();
  }

  /** Refuses what comes, and ends everything open (rule 10). */
  close(state: string): void {
    this.#invoker.close(state);
  }

  /** An invocation that native code may be at. */
  find(id: number): RemoteInvocation | undefined {
    const invocation = this.#invoker.get(id);
    return invocation?.run?.sent === undefined ? undefined : invocation;
  }

  /** What is heard of its invocations in the child of `session`. */
  sinkIn(session: ChildSession): Pick<PluginEndpoint, 'owns' | 'onInvocation' | 'newest' | 'onStarved' | 'onLost'> {
    return {
      owns: (id) => this.#sentTo(session, id) !== undefined,
      onInvocation: (message, payload) => {
        const sent = this.#sentTo(session, message.id);
        return sent && this.#driver.take(...sent, message, payload);
      },
      newest: () => newestOf(this.#allSentTo(session)),
      onStarved: () => {
        for (const [invocation] of this.#allSentTo(session)) if (invocation.givenUpBy !== undefined) this.#driver.becomeOverdue(invocation);
      },
      onLost: (end: ChildEnd) => {
        for (const [invocation, sent] of this.#allSentTo(session)) this.#driver.lose(invocation, sent, end);
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

function newestOf(sent: readonly [RemoteInvocation, Sent][]): NumberedStep | undefined {
  let newest: NumberedStep | undefined;
  for (const [{ callee }, { number }] of sent) {
    if (newest === undefined || number > newest.number) newest = { during: callee.capability, suspect: callee.pluginId, number };
  }
  return newest;
}
