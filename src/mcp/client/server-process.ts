import { spawn, type ChildProcess } from 'node:child_process';
import type { Buffer } from 'node:buffer';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { JSONRPCMessage, ReadBuffer, Transport } from '@modelcontextprotocol/client';
import { LoadError, messageOf, permissionAdvice, type ProcessEnd } from '../../errors/index.js';
import { eachLine } from '../../isolation/supervisor/output-lines.js';
import { ExitWatcher } from '../../isolation/supervisor/exit-watcher.js';
import { forgetChild, killTree, trackChild } from '../../isolation/supervisor/spawn.js';
import { lookAtMachine } from '../../machine/machine-cause.js';
import { pause, turn } from '../../machine/node-timers.js';
import { ProcessClock } from '../../options/process-clock.js';
import type { ClientSdk } from '../sdk.js';
import type { McpPluginSettings } from './plugin-options.js';

const isWindows = process.platform === 'win32';
/** The largest message of a server. */
const MAX_MESSAGE_BYTES = 128 << 20;
/** How long to wait for the output of a process that has exited: another program may have inherited the pipe. */
const LAST_OUTPUT_MS = 500;

type Streams = ChildProcess & { readonly stdin: Writable; readonly stdout: Readable; readonly stderr: Readable };

/** The process of an MCP server as a transport of the SDK, which has one too, but that does not tell how its process ended. */
export class ServerProcess implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** How it ended, before `onclose` is called. */
  end: ProcessEnd | undefined;
  readonly #buffer: ReadBuffer;
  #child: Streams | undefined;
  #watcher: ExitWatcher | undefined;
  #clock = new ProcessClock();
  #isDelivering = false;
  /** Settles when all messages that have arrived were passed on. */
  #delivered: Promise<void> | undefined;
  /** Why the host killed it. */
  #killedFor: string | undefined;

  constructor(
    private readonly sdk: ClientSdk,
    private readonly settings: McpPluginSettings,
    private readonly onLine: (line: string) => void,
  ) {
    this.#buffer = new sdk.ReadBuffer({ maxBufferSize: MAX_MESSAGE_BYTES });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Counts the time in which the process could run. */
  get clock(): ProcessClock {
    return this.#clock;
  }

  /** @throws LoadError ERR_CHILD_PROCESS */
  async start(): Promise<void> {
    const { command, args, cwd, env, id } = this.settings;
    try {
      lookAtMachine();
      const child = spawn(command, args, { cwd, env, stdio: 'pipe', detached: !isWindows, windowsHide: true });
      await once(child, 'spawn');
      this.#child = child;
      this.#clock = new ProcessClock(child.pid);
      this.#watch(child);
    } catch (cause) {
      const advice = permissionAdvice(cause) ?? 'Check the name of the program (command), and PATH.';
      throw new LoadError('ERR_CHILD_PROCESS', { reason: messageOf(cause), advice }, { pluginId: id, cause });
    }
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const stdin = this.#child?.stdin;
    if (stdin?.writable !== true || stdin.write(this.sdk.serializeMessage(message))) return;
    // `once` rejects if the write fails (EPIPE): the process has ended, or soon will, and `onclose` says how.
    await Promise.race([once(stdin, 'drain'), once(stdin, 'close')]).catch(() => undefined);
  }

  /** Closes its input, and kills it if it does not end. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child === undefined || this.end !== undefined) return;
    const closed = new AbortController();
    child.once('close', () => closed.abort());
    child.stdin.end();
    await pause(this.settings.graceMs, { signal: closed.signal });
    if (this.end !== undefined) return;
    this.#killTree(child);
    await pause(this.settings.graceMs, { signal: closed.signal });
  }

  /** `reason` completes the sentence "the plugin's process was killed: it …". */
  kill(reason: string): void {
    if (this.#child === undefined || this.end !== undefined || this.#killedFor !== undefined) return;
    const failure = this.#killTree(this.#child);
    this.#killedFor = failure === undefined ? `was killed: it ${reason}` : `could not be killed (${failure}): it ${reason}`;
  }

  /** The system's error code, if it refuses. */
  #killTree(child: Streams): string | undefined {
    const failure = killTree(child);
    this.#watcher?.expectExit();
    return failure;
  }

  #watch(child: Streams): void {
    trackChild(child);
    child.unref();
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as Readable & { unref?: () => void }).unref?.();
    child.stdin.on('error', () => undefined); // its end is reported by `onclose`
    child.stdout.on('data', (bytes: Buffer) => this.#read(bytes));
    eachLine(child.stderr, this.onLine);
    const onExit = (end: ProcessEnd): void => {
      const timer = pause(LAST_OUTPUT_MS, { ref: false });
      void Promise.race([once(child, 'close'), timer]).then(() => this.#finish(child, end));
    };
    const watcher = new ExitWatcher(child, onExit, () => undefined);
    this.#watcher = watcher;
    child.stdout.once('close', () => watcher.expectExit());
  }

  #read(bytes: Buffer): void {
    try {
      this.#buffer.append(bytes);
      if (!this.#isDelivering) this.#delivered = this.#deliver();
    } catch (error) {
      this.#onBroken(error);
    }
  }

  /**
   * Passes on what has arrived. The SDK handles a notification later than an answer that comes right after it, and then drops it if
   * it is progress, so it gets the time to handle it first.
   */
  async #deliver(): Promise<void> {
    this.#isDelivering = true;
    try {
      for (let message = this.#buffer.readMessage(); message !== null; message = this.#buffer.readMessage()) {
        this.onmessage?.(message);
        if (!('id' in message)) await turn();
      }
    } catch (error) {
      this.#onBroken(error);
    } finally {
      this.#isDelivering = false;
    }
  }

  #onBroken(error: unknown): void {
    this.onerror?.(error as Error);
    this.kill(`sent a message that breaks the protocol: ${messageOf(error)}`);
  }

  async #finish(child: Streams, end: ProcessEnd): Promise<void> {
    killTree(child); // what it has started and left
    forgetChild(child);
    child.stdout.destroy();
    child.stderr.destroy();
    await this.#delivered;
    this.end = this.#killedFor === undefined ? end : { ...end, reason: this.#killedFor, ending: 'killed-by-host' };
    this.onclose?.();
  }
}
