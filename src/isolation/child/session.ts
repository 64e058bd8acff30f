import { Buffer } from 'node:buffer';
import { NameTable } from '../../registry/name-table.js';
import { recordOf } from '../wire/error-record.js';
import type { HostMessage, HostRequest } from '../wire/messages.js';
import { textOf } from '../wire/utf8.js';
import { HostedPlugin } from './hosted-plugin.js';
import type { ChildRing } from './ring/child-ring.js';
import type { Send } from './send.js';
import { decodeNeeded } from './step-needs.js';
import { waitForDebugger } from './wait-for-debugger.js';

/** Handles the host's messages, for all plugins of this child process. */
export class Session {
  readonly #plugins = new Map<number, HostedPlugin>();
  /** The names that the plugins of this process have taken, so that a taken name is refused without asking the host. */
  readonly #names = new NameTable();
  #debugger: Promise<void> | undefined;
  /** Set before a plugin is loaded, if its calls do not come as messages. */
  ring: ChildRing | undefined;
  /** Runs once, before the first plugin is loaded. */
  beforeLoad: (() => void) | undefined;

  constructor(
    private readonly send: Send,
    private readonly waitsForDebugger: boolean,
    private readonly onExit: () => void,
  ) {}

  take(message: HostMessage, payload: Buffer): void {
    switch (message.type) {
      case 'invoke':
        this.#plugins.get(message.plugin)?.invoke(message, textOf(payload));
        return;
      case 'cancel':
        this.#each((plugin) => plugin.cancel(message.id));
        return;
      case 'credit':
        this.#each((plugin) => plugin.credit(message));
        return;
      case 'callReply':
        this.#plugins.get(message.plugin)?.takeReply(message, textOf(payload));
        return;
      case 'help':
        this.ring?.help(message.ring);
        return;
      case 'ping':
        this.send({ type: 'pong' });
        return;
      case 'exit':
        this.onExit();
        return;
      case 'load':
      case 'register':
      case 'init':
      case 'reconfigure':
      case 'save':
      case 'restore':
      case 'shutdown':
        void this.#answer(message, Buffer.from(payload));
    }
  }

  /** Invocation ids are unique in the host, so at most one plugin has a given one. */
  #each(tell: (plugin: HostedPlugin) => void): void {
    this.#plugins.forEach(tell);
  }

  async #answer(message: HostRequest, payload: Buffer): Promise<void> {
    const { request } = message;
    try {
      if (message.type === 'load') {
        const threads = await this.#load(message, payload);
        this.send({ type: 'loaded', request, ...threads });
      } else this.send({ type: 'done', request }, await this.#do(message, payload));
    } catch (error) {
      this.send({ type: 'failed', request, error: recordOf(error) });
    }
  }

  async #load(message: HostRequest & { type: 'load' }, payload: Buffer) {
    this.beforeLoad?.();
    this.beforeLoad = undefined;
    if (this.waitsForDebugger) await (this.#debugger ??= waitForDebugger());
    const plugin = await HostedPlugin.load(message, decodeNeeded<'load'>(payload), this.#names, this.send, this.ring);
    this.#plugins.set(message.plugin, plugin);
    return plugin.threads;
  }

  /** Returns the payload of the answer. */
  async #do(message: Exclude<HostRequest, { type: 'load' }>, payload: Buffer): Promise<string | Buffer | undefined> {
    const plugin = this.#plugins.get(message.plugin);
    if (plugin === undefined) throw new Error(`plugin ${message.plugin} is not loaded`);
    switch (message.type) {
      case 'register':
        return JSON.stringify(await plugin.register(decodeNeeded<'register'>(payload)));
      case 'init':
        await plugin.init(message, decodeNeeded<'init'>(payload));
        return undefined;
      case 'reconfigure':
        await plugin.reconfigure(decodeNeeded<'reconfigure'>(payload), message.waitMs);
        return undefined;
      case 'save':
        return plugin.save(message.waitMs);
      case 'restore':
        return String(await plugin.restore(payload));
      case 'shutdown':
        await plugin.shutdown();
        this.#plugins.delete(message.plugin);
        return undefined;
    }
  }
}
