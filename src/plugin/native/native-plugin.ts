import { Extension } from '../../abi/constants.js';
import { Status } from '../../abi/status.js';
import { LifecycleError, messageOf, type ErrorContext, type Step } from '../../errors/index.js';
import {
  bind,
  immortalText,
  openHostStruct,
  structReader,
  type Address,
  type Bound,
  type HostStruct,
  type SharedLibrary,
} from '../../library/index.js';
import { guardedLogger } from '../../log/guarded-logger.js';
import type { Logger } from '../../log/logger.js';
import type { PluginEvent } from '../../report/plugin-report.js';
import type { BackendApi, DeclaredCapabilities, Plugin, PluginContext, PluginMeta } from '../plugin.js';
import { callCapability } from './call-out.js';
import { Errands } from './errands.js';
import { leaveAtExit, stopAtExit, watchExit } from './exit.js';
import { initStruct } from './init-struct.js';
import { Invoker } from './invoker.js';
import { failureOf, runLifecycleCall, type LifecycleCall } from './lifecycle-call.js';
import { isBadCapability, readCapability } from './native-capability.js';
import { hostFunctions, type HostCall } from './native-host.js';
import { PluginRecord } from './record.js';
import { statusOf } from './reply-status.js';
import type { Vtable } from './vtable.js';
import { Lane, MOST_RUNNING } from './worker-pool.js';

export interface NativePluginOptions {
  readonly id: string;
  readonly meta: PluginMeta;
  readonly declared: DeclaredCapabilities;
  /** Kept for as long as the plugin is: its functions live there. */
  readonly library: SharedLibrary;
  readonly vtable: Vtable;
  readonly logger: Logger;
  readonly timeouts: LifecycleTimeouts;
  /** Most bytes of an input, chunk or reply. */
  readonly maxPayloadBytes: number;
  /** No code of the plugin runs on the main thread. */
  readonly offMain: boolean;
}

/** Milliseconds that each lifecycle call may take. */
export interface LifecycleTimeouts {
  readonly register: number;
  readonly init: number;
  readonly shutdown: number;
}

type State = 'loaded' | 'registering' | 'registered' | 'initializing' | 'active' | 'stopping' | 'retired' | 'failed';

const reconfigureReader = structReader('aisopod_reconfigure');

/** A plugin in a library of this process. */
export class NativePlugin implements Plugin {
  readonly id: string;
  readonly meta: PluginMeta;
  readonly declared: DeclaredCapabilities;
  readonly #lane: Lane;
  readonly #errands: Errands;
  readonly #record: PluginRecord;
  readonly #invoker: Invoker;
  readonly #host: HostStruct;
  #state: State = 'loaded';
  #api: BackendApi | undefined;
  /** The first registration that was refused: it fails the plugin (rule 7). */
  #refusal: unknown;
  #context: PluginContext | undefined;

  constructor(private readonly options: NativePluginOptions) {
    const { id, meta, declared, vtable, logger, maxPayloadBytes, offMain } = options;
    this.id = id;
    this.meta = meta;
    this.declared = declared;
    this.#errands = new Errands(offMain);
    this.#lane = new Lane(vtable.isThreadSafe ? MOST_RUNNING : 1);
    this.#record = new PluginRecord(id, logger);
    this.#invoker = new Invoker(id, this.#lane, vtable.isThreadSafe, maxPayloadBytes, this.#record, this.#errands);
    watchExit();
    this.#host = openHostStruct(
      hostFunctions({
        limit: maxPayloadBytes,
        onLog: (level, message) => (this.#context?.logger ?? logger)[level](message, { pluginId: id }),
        onCapability: (address) => this.#offer(address),
        admitChunk: (invocation) => this.#invoker.admitChunk(invocation),
        onChunk: (invocation, chunk) => this.#invoker.takeChunk(invocation, chunk),
        admitCompletion: (invocation) => this.#invoker.admitCompletion(invocation),
        onCompletion: (invocation, answer) => this.#invoker.takeCompletion(invocation, answer),
        onCall: (call) => this.#callOut(call),
      }),
    );
  }

  /** What the plugin says of its threads (rules 8 and 11). */
  get threads(): Pick<Vtable, 'isThreadSafe' | 'wantsOneThread'> {
    return this.options.vtable;
  }

  /** What happened to it that no caller was told of: broken rules, calls that outlived their deadline. */
  get events(): readonly PluginEvent[] {
    return this.#record.events;
  }

  async register(api: BackendApi): Promise<void> {
    this.#enter('register', 'register', ['loaded'], 'registering');
    this.#api = api;
    try {
      const { vtable, timeouts } = this.options;
      const failure = await this.#call('register', 'register', timeouts.register, (frame, done) =>
        vtable.register.async(vtable.self, this.#host.address, frame.reply, done),
      );
      if (this.#refusal !== undefined) throw this.#refusal as LifecycleError;
      if (failure !== undefined) throw new LifecycleError('ERR_REGISTER_FAILED', failure, this.#where('register'));
      this.#state = 'registered';
    } catch (error) {
      this.#retire('failed');
      throw error;
    }
  }

  async init(context: PluginContext): Promise<void> {
    this.#enter('init', 'init', ['registered'], 'initializing');
    this.#context = { ...context, logger: guardedLogger(context.logger) };
    const { vtable, timeouts } = this.options;
    const init = this.#initStruct(context);
    try {
      const failure = await this.#call('init', 'init', timeouts.init, (frame, done) =>
        vtable.init.async(vtable.self, init.address, frame.reply, (error, status) => {
          void init.buffer; // koffi does not keep it: it must outlive the call
          done(error, status);
        }),
      );
      if (failure !== undefined) throw new LifecycleError('ERR_INIT_FAILED', failure, this.#where('init'));
    } catch (error) {
      this.#retire('failed');
      throw error;
    }
    this.#state = 'active';
    this.#invoker.closedState = undefined;
    stopAtExit(this);
  }

  /**
   * Rule 10: refuse, cancel, wait until nothing is inside, then the plugin's own shutdown. Past the deadline its
   * shutdown is not called and the plugin is leaked: whatever runs in it may still touch its memory.
   */
  async shutdown(): Promise<void> {
    this.#enter('shutdown', 'shutdown', ['active', 'registered', 'loaded'], 'stopping', (was) => {
      this.#mustStop = was === 'active';
    });
    await (this.#ending = this.#end());
  }

  async #end(): Promise<void> {
    const deadline = Date.now() + this.options.timeouts.shutdown;
    this.#invoker.cancelAll('shutting down');
    try {
      if (this.#mustStop) await this.#stop(deadline);
      this.#invoker.isShutDown = true;
      await this.#destroy();
    } catch (error) {
      this.#retire('failed');
      throw error;
    }
    this.#retire('retired');
  }

  /** Tells an active plugin of a new configuration; refused by the plugin, the old one stays in force. */
  async reconfigure(config: PluginContext['config']): Promise<void> {
    this.#enter('reconfigure', 'active', ['active'], 'active');
    const { vtable, timeouts } = this.options;
    const context = { ...this.#context!, config };
    const reconfigure = await this.#extension();
    if (reconfigure === undefined) {
      const reason = `the plugin does not know the extension ${Extension.RECONFIGURE}`;
      throw new LifecycleError('ERR_CONFIG', { key: '', reason }, this.#where('active'));
    }
    const init = this.#initStruct(context);
    const failure = await this.#call('reconfigure', 'active', timeouts.init, (frame, done) =>
      reconfigure.async(vtable.self, init.address, frame.reply, (error, status) => {
        void init.buffer; // as in init
        done(error, status);
      }),
    );
    if (failure !== undefined) throw new LifecycleError('ERR_CONFIG', { key: '', reason: failure.reason }, this.#where('active'));
    this.#context = context;
  }

  /** Waits for a shutdown that runs already; its failure is told to who called it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#state === 'active' || this.#state === 'registered' || this.#state === 'loaded') await this.shutdown();
    else await this.#ending?.catch(() => undefined);
  }

  #mustStop = false;
  #ending: Promise<void> | undefined;

  async #stop(deadline: number): Promise<void> {
    if (!(await this.#emptyBy(deadline))) {
      this.#record.add('shutdown', `shutdown was not called: ${this.#invoker.running.join(', ') || 'native code'} is still inside`);
      const fields = { operation: 'shutdown', timeoutMs: this.options.timeouts.shutdown };
      throw new LifecycleError('ERR_LIFECYCLE_TIMEOUT', fields, this.#where('shutdown'));
    }
    const { vtable } = this.options;
    const failure = await this.#call('shutdown', 'shutdown', Math.max(1, deadline - Date.now()), (frame, done) =>
      vtable.shutdown.async(vtable.self, frame.reply, done),
    );
    if (failure !== undefined) throw new LifecycleError('ERR_SHUTDOWN_FAILED', failure, this.#where('shutdown'));
  }

  #emptyBy(deadline: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), Math.max(0, deadline - Date.now()));
      const empty = async (): Promise<void> => {
        await this.#lane.empty();
        await this.#invoker.idle();
      };
      void empty().then(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }

  async #destroy(): Promise<void> {
    const at = this.options.library.symbol('aisopod_plugin_destroy');
    if (at === undefined) return;
    const destroy = bind('destroy', at);
    await this.#call('shutdown', 'shutdown', this.options.timeouts.shutdown, (_frame, done) =>
      destroy.async(this.options.vtable.address, (error) => done(error, Status.OK)),
    );
  }

  #offer(address: number): { status: number; reason: string } {
    const capability = readCapability(address);
    try {
      if (isBadCapability(capability)) {
        throw new LifecycleError('ERR_CAPABILITY_INVALID', capability, this.#where('register'));
      }
      const { kind, name } = capability.descriptor;
      if (this.#state !== 'registering' || this.#api === undefined) {
        throw new LifecycleError('ERR_REGISTRATION_CLOSED', { capability: `${kind} ${name}` }, this.#where('register'));
      }
      this.#api.registerCapability(capability.descriptor, this.#invoker.backendOf(capability));
      return { status: Status.OK, reason: '' };
    } catch (error) {
      if (this.#state === 'registering') this.#refusal ??= error;
      this.#record.add('register', messageOf(error));
      return { status: statusOf(error), reason: messageOf(error) };
    }
  }

  /** From init on, and until shutdown has returned (rule 7). */
  #callOut(call: HostCall): number {
    const mayCall = this.#state === 'initializing' || this.#state === 'active' || this.#state === 'stopping';
    return this.#api !== undefined && mayCall ? callCapability(this.#api, this.#invoker, call) : Status.STATE;
  }

  async #extension(): Promise<Bound<'call'> | undefined> {
    const { getExtension, self } = this.options.vtable;
    if (getExtension === undefined) return undefined;
    const name = (reconfigureName ??= immortalText(Extension.RECONFIGURE));
    const address = await new Promise<number>((resolve) => {
      this.#lane.enqueue((left) =>
        getExtension.async(self, name, (_error, at) => {
          resolve(at);
          left();
        }),
      );
    });
    if (address === 0 || reconfigureReader.read(address) !== undefined) return undefined;
    const at = reconfigureReader.pointer('reconfigure');
    return at === 0 ? undefined : bind('call', at);
  }

  #initStruct(context: PluginContext) {
    const config = JSON.stringify(context.config);
    return initStruct({ host: this.#host.address, config, dataDir: context.dataDir, hostVersion: context.hostVersion });
  }

  async #call(operation: LifecycleCall['operation'], step: Step, timeoutMs: number, enter: LifecycleCall['enter']) {
    const errands = this.#errands;
    return failureOf(
      await runLifecycleCall({ operation, where: this.#where(step), timeoutMs, enter, errands }, this.#lane, this.#record),
    );
  }

  #enter(operation: string, step: Step, from: readonly State[], to: State, note?: (was: State) => void): void {
    const was = this.#state;
    if (!from.includes(was)) {
      const fields = { operation, expected: from[0] ?? '', found: was };
      throw new LifecycleError('ERR_LIFECYCLE_STATE', fields, this.#where(step));
    }
    this.#state = to;
    note?.(was);
  }

  /** From here its host functions answer CLOSED. The library stays: something of it may still run. */
  #retire(state: 'retired' | 'failed'): void {
    this.#state = state;
    this.#invoker.cancelAll(state);
    this.#invoker.isShutDown = true;
    this.#host.close();
    leaveAtExit(this);
  }

  #where(step: Step): ErrorContext & { readonly step: Step } {
    return { pluginId: this.id, path: this.options.library.path, step };
  }
}

let reconfigureName: Address | undefined;
