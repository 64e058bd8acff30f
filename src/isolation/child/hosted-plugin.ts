import type { Buffer } from 'node:buffer';
import { labelOf, type CapabilityDescriptor } from '../../capability/descriptor.js';
import { methodAt } from '../../capability/kinds/index.js';
import { checkSpecShape } from '../../capability/spec.js';
import { LifecycleError } from '../../errors/index.js';
import { cancelled } from '../../invocation/errors.js';
import type { SignalWords } from '../../library/index.js';
import { openPlugin } from '../../loader/open-plugin.js';
import { NEVER_MS } from '../../options/never.js';
import type { NativePlugin } from '../../native/native-plugin.js';
import type { BackendApi, TakenName } from '../../plugin/plugin.js';
import type { NameTable } from '../../registry/name-table.js';
import { Trace, type Watch } from '../../report/trace.js';
import { recordOf } from '../wire/error-record.js';
import type { HostMessage, Registration } from '../wire/messages.js';
import { HostedInvocation, type HostedCapability } from './hosted-invocation.js';
import { OutgoingCalls } from './outgoing-calls.js';
import type { ChildRing, RingPlugin, SlotAnswer } from './ring/child-ring.js';
import type { SlotCall } from './ring/child-slots.js';
import { ReportingLogger } from './reporting-logger.js';
import type { Send } from './send.js';
import type { Needed } from './step-needs.js';

type Message<T extends HostMessage['type']> = Extract<HostMessage, { readonly type: T }>;

/** One plugin of this process: the native plugin, and the API that it uses to reach the host. */
export class HostedPlugin implements RingPlugin {
  /** In the order of registration. */
  readonly #capabilities: HostedCapability[] = [];
  readonly #calls: OutgoingCalls;

  private constructor(
    private readonly plugin: NativePlugin,
    private readonly number: number,
    private readonly names: NameTable,
    private readonly logger: ReportingLogger,
    private readonly send: Send,
    private readonly ring: ChildRing | undefined,
    private readonly maxPayloadBytes: number,
  ) {
    this.#calls = new OutgoingCalls(number, maxPayloadBytes, send);
  }

  /** @throws LoadError */
  static async load(message: Message<'load'>, { candidate, library }: Needed<'load'>, names: NameTable, send: Send, ring: ChildRing | undefined): Promise<HostedPlugin> {
    const { request, plugin: number, createTimeoutMs, errandTimeoutMs: timeoutMs, maxPayloadBytes } = message;
    const logger = new ReportingLogger(number, send);
    // The host enforces these deadlines, because it can kill this process.
    const timeouts = { create: createTimeoutMs, register: NEVER_MS, init: NEVER_MS, shutdown: NEVER_MS };
    // Sent before the step, because the step may end this process, and what has not left it then.
    const reportStep: Watch = async (step, run) => {
      await new Promise<void>((resolve) => send({ type: 'step', request, step }, undefined, resolve));
      return run();
    };
    const trace = new Trace(reportStep, (entry) => send({ type: 'traced', request, entry }));
    const onLate = (what: string): void => send({ type: 'fatal', reason: `was in ${what} of ${candidate.id} for ${timeoutMs} ms` });
    const errandLimit = timeoutMs < NEVER_MS ? { timeoutMs, onLate } : undefined;
    const plugin = await openPlugin(candidate, library, { logger, timeouts, maxPayloadBytes, offMain: true, errandLimit, outside: ring }, trace);
    return new HostedPlugin(plugin, number, names, logger, send, ring, maxPayloadBytes);
  }

  get threads(): NativePlugin['threads'] {
    return this.plugin.threads;
  }

  /** Returns what was registered, in order. `taken`: the names that the host would refuse. @throws LifecycleError */
  async register(taken: Needed<'register'>): Promise<readonly Registration[]> {
    const registered: Registration[] = [];
    const registerCapability: BackendApi['registerCapability'] = (descriptor, backend) => {
      this.#check(descriptor, taken);
      this.#capabilities.push({ kind: descriptor.kind, label: labelOf(descriptor), backend });
      registered.push({ ...descriptor, isInline: backend.isInline ?? false });
    };
    try {
      await this.plugin.register({ registerCapability, callCapability: this.#calls.call });
    } catch (error) {
      this.names.giveBack(this.plugin);
      throw error;
    }
    this.ring?.open(this, this.plugin.capabilities, this.maxPayloadBytes);
    return registered;
  }

  /** Checks what the host will check again, so that the plugin gets the refusal immediately. @throws LifecycleError */
  #check(descriptor: CapabilityDescriptor, taken: readonly TakenName[]): void {
    const { kind, name } = descriptor;
    const { id: pluginId } = this.plugin;
    this.names.check(this.plugin, kind, name);
    const winner = taken.find((other) => other.kind === kind && other.name === name)?.winner;
    if (winner !== undefined) throw new LifecycleError('ERR_CAPABILITY_DUPLICATE', { kind, capabilityName: name, winner }, { pluginId });
    checkSpecShape(pluginId, descriptor);
    this.names.take(this.plugin, kind, name);
  }

  /** @throws LifecycleError */
  async init({ dataDir, hostVersion }: Message<'init'>, config: Needed<'init'>): Promise<void> {
    await this.plugin.init({ dataDir, hostVersion, config, logger: this.logger });
  }

  /** @throws LifecycleError */
  async reconfigure(config: Needed<'reconfigure'>, waitMs: number): Promise<void> {
    await this.plugin.reconfigure(config, waitMs);
  }

  /** The plugin's state, if it gives one. @throws LifecycleError */
  async save(waitMs: number): Promise<Buffer | undefined> {
    return this.plugin.saveState(waitMs);
  }

  /** False if the plugin takes no state. @throws LifecycleError */
  async restore(state: Buffer): Promise<boolean> {
    return this.plugin.restoreState(state);
  }

  /** @throws LifecycleError */
  async shutdown(): Promise<void> {
    try {
      await this.plugin.shutdown();
    } finally {
      this.names.giveBack(this.plugin);
      this.logger.flush();
    }
  }

  invoke(message: Omit<Message<'invoke'>, 'type' | 'plugin'>, input: string, answerInMemory?: SlotAnswer): void {
    const capability = this.#capabilities[message.capability];
    if (capability === undefined) return; // never: the host invokes only what was registered
    const { kind, backend } = capability;
    void new HostedInvocation(message, capability, this.send, answerInMemory).run((options) => backend.invoke(methodAt(kind, message.method), input, options));
  }

  adopt(call: SlotCall, signals: SignalWords): void {
    const native = this.plugin.capabilities[call.capability]!;
    const capability = this.#capabilities[call.capability]!;
    const method = methodAt(capability.kind, call.method);
    void new HostedInvocation(call, capability, this.send).run((options) => this.plugin.outsideInvocations.adopt(native, method, options, signals));
  }

  onAdoptedReturn(...returned: Parameters<RingPlugin['onAdoptedReturn']>): void {
    this.plugin.outsideInvocations.onAdoptedReturn(...returned);
  }

  cancel(id: number): void {
    const call = this.ring?.takeBack(id);
    if (call === undefined) {
      this.#hosted(id)?.cancel();
      return;
    }
    const error = cancelled({ pluginId: this.plugin.id, capability: this.#capabilities[call.capability]!.label }, undefined, false);
    this.send({ type: 'failure', id, error: recordOf(error), stillRunning: false });
  }

  credit({ id, chunks, bytes }: Message<'credit'>): void {
    this.#hosted(id)?.addCredit(chunks, bytes);
  }

  #hosted(id: number): HostedInvocation | undefined {
    const origin = this.plugin.originOf(id);
    return origin instanceof HostedInvocation ? origin : undefined;
  }

  takeReply({ call, error }: Message<'callReply'>, text: string): void {
    this.#calls.takeReply(call, error, text);
  }
}
