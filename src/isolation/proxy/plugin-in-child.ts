import type { Claim } from '../../loader/opened-libraries.js';
import type { FitLibrary } from '../../loader/open-plugin.js';
import type { LoadRequest } from '../../loader/load-plugin.js';
import { copyIfPossible } from '../../loader/own-copy.js';
import { placeLibrary, type PlacedLibrary } from '../../loader/place-library.js';
import { MAX_RUNNERS } from '../../native/runners/thread-pool.js';
import type { Trace } from '../../report/trace.js';
import type { ResourceLimits } from '../../report/resource-limits.js';
import type { ChildSandbox } from '../../report/child-sandbox.js';
import type { Candidate } from '../../scan/index.js';
import { CopyLease } from '../../trust/index.js';
import type { Triage } from '../../triage/index.js';
import { childEnvironment } from '../supervisor/environment.js';
import { limitsFor } from '../supervisor/limits-option.js';
import type { SupervisedPlugin, Supervisor } from '../supervisor/supervisor.js';
import type { ChildSession } from './child-session.js';
import type { LifecycleRpc } from './lifecycle-rpc.js';
import type { PluginMessages } from './plugin-messages.js';
import type { ProcessSettings } from './process-settings.js';
import type { RemoteInvoker } from './remote-invoker.js';

interface PluginConnections {
  /** The plugin's number in messages. */
  readonly number: number;
  readonly rpc: LifecycleRpc;
  readonly invoker: RemoteInvoker;
  readonly messages: PluginMessages;
}

/** Puts a plugin into a supervised process and takes it out again. Knows the child that the plugin is in. */
export class PluginInChild {
  #supervisor: Supervisor<ChildSession> | undefined;
  #supervised: SupervisedPlugin<ChildSession> | undefined;
  /** Present while the plugin is in a child, or is being loaded there. */
  #session: ChildSession | undefined;
  /** The plugin's claim on its library in that child. */
  #claim: Claim | undefined;
  /** It runs from a private copy, as it was wanted. */
  #isCopied = false;
  /** Its private copy, if it has one for itself. */
  #lease: CopyLease | undefined;
  #library: string | undefined;
  /** The library in the plugin folder. */
  #original: string | undefined;

  constructor(
    private readonly candidate: Candidate,
    private readonly settings: ProcessSettings,
    private readonly connections: PluginConnections,
  ) {}

  get session(): ChildSession | undefined {
    return this.#session;
  }

  /** How often the process was restarted. */
  get restarts(): number {
    return this.#supervisor?.restarts ?? 0;
  }

  /** The limits of the process. */
  get limits(): ResourceLimits | undefined {
    return this.#supervisor?.limits;
  }

  /** The library in a private copy, if it runs from one: its files do not change. */
  get copiedLibrary(): string | undefined {
    return this.#isCopied ? this.#library : undefined;
  }

  /** Whether more than one plugin is in the process. */
  get isShared(): boolean {
    return this.#supervisor?.isShared === true;
  }

  /** Makes the private copy from which the plugin runs if possible. Returns what is to be loaded. */
  async copy(supervisor: Supervisor<ChildSession>, facts: Triage, trace: Trace, ownCopy: LoadRequest['ownCopy']): Promise<Triage> {
    this.#original = facts.path;
    if (typeof ownCopy !== 'object') return facts;
    // In a shared process it may be in use by then. In that case another one is made.
    const lease = supervisor.isShareable ? undefined : this.#leased();
    const copying = { candidate: this.candidate, options: this.settings, trace, lease, isFree: lease?.take ?? (() => true) };
    return (await copyIfPossible(facts, ownCopy, copying)) ?? facts;
  }

  /** Joins a process, which is started if it is not running. @throws LoadError ERR_CHILD_PROCESS, ERR_OPTIONS */
  async join(supervisor: Supervisor<ChildSession>, supervised: SupervisedPlugin<ChildSession>, sandbox?: ChildSandbox): Promise<ChildSession> {
    this.#supervisor = supervisor;
    this.#supervised = supervised;
    return supervisor.join(supervised, sandbox, limitsFor(this.settings, this.candidate));
  }

  /** Loads the plugin's library in the child. A private copy is removed at the end if no other plugin is in the process. */
  async load(session: ChildSession, facts: Triage, trace: Trace, request: Pick<LoadRequest, 'ownCopy' | 'beforeRun'> = {}): Promise<void> {
    const { ownCopy } = request;
    const beforeRun = async (library: PlacedLibrary): Promise<void> => {
      this.#isCopied ||= library.isWantedCopy;
      await request.beforeRun?.(library);
    };
    const { candidate, settings } = this;
    const isAlone = this.#supervisor?.isShareable === false;
    const lease = ownCopy !== undefined && isAlone ? this.#leased() : undefined;
    const preload = childEnvironment(settings).LD_PRELOAD;
    const { opened } = session;
    const { pid = 0 } = session.child;
    const placing = { candidate, options: settings, trace, opened, preload, isHost: false, pid, isAlone, ownCopy, lease, original: this.#original, beforeRun };
    const { isThreadSafe } = await placeLibrary(facts, placing, (library, claim) => {
      this.#claim = claim;
      this.#library = library.path;
      return this.#open(session, library, trace);
    });
    this.connections.invoker.setThreads(isThreadSafe, MAX_RUNNERS);
  }

  /** Accepts invocations. Those that were waiting go first. */
  acceptInvocations(): void {
    const { invoker } = this.connections;
    invoker.open();
    invoker.use(this.#session);
  }

  onChildEnd(): void {
    this.#session = undefined;
    this.connections.invoker.use(undefined);
  }

  /** Shuts the plugin down. Its library may then be opened again in this child. */
  async shutdown(): Promise<void> {
    await this.connections.rpc.shutdown(this.#session);
    this.#claim?.release();
  }

  /** Leaves the process, which ends if the plugin was its last. */
  async leave(): Promise<void> {
    this.#session?.detach(this.connections.number);
    this.#session = undefined;
    if (this.#supervised !== undefined) await this.#supervisor?.leave(this.#supervised);
    await this.#lease?.release();
  }

  #leased(): CopyLease {
    return (this.#lease ??= new CopyLease());
  }

  async #open(session: ChildSession, library: FitLibrary, trace: Trace): ReturnType<LifecycleRpc['load']> {
    const { number, rpc, messages } = this.connections;
    this.#session = session;
    session.attach(number, messages.endpointIn(session));
    try {
      return await rpc.load(session, library, trace);
    } catch (error) {
      session.detach(number);
      if (this.#session === session) this.#session = undefined;
      throw error;
    }
  }
}
