import { InvocationError } from '../errors/index.js';
import type { Backend, Chunk, InvokeOptions } from '../invocation/backend.js';
import type { InvocationContext } from '../invocation/context.js';
import { offAbort, onAbort } from '../options/abort-listeners.js';
import { callOptionsReader } from './call-options.js';
import { ChannelStart } from './channel-start.js';
import { decodeChunk, decodeJson, encodeJson } from './json.js';
import type { Callee } from '../invocation/callee.js';
import { connectionClosed, invalidReply } from '../invocation/errors.js';

export interface ConnectOptions {
  /** What the plugin needs to connect, such as an address: any JSON value. Default: `{}`. */
  readonly settings?: unknown;
  /**
   * Gets each message in order. If it returns a promise, the next message waits until that settles; if many wait, the plugin
   * is told that there is no room. If it throws, the connection ends. The first message may arrive before `connect` resolves.
   */
  readonly onMessage: (message: unknown) => void | Promise<void>;
  /** Fires to disconnect. */
  readonly signal?: AbortSignal | undefined;
  /** The plugin gets it with the settings, also if the channel is started again after a crash. Each `send` has a context of its own. */
  readonly context?: InvocationContext | undefined;
}

/** An open connection of a channel. */
export interface ChannelConnection extends AsyncDisposable {
  /**
   * Sends one message. Resolves with the plugin's receipt, parsed from its JSON. Waits while the plugin's process restarts
   * after a crash, and while the channel moves to the next generation of its plugin.
   * @throws InvocationError ERR_CONNECTION_CLOSED, or the error of the invocation
   */
  send(message: unknown, options?: Pick<InvokeOptions, 'signal' | 'timeoutMs' | 'parent' | 'context'>): Promise<unknown>;
  /**
   * Ends the connection. Resolves when `onMessage` has processed every message that was received before. So do not await it
   * inside `onMessage`.
   */
  disconnect(): Promise<void>;
  /**
   * Resolves when the host or, without a failure, the plugin has ended the connection. If the plugin's process crashes and is
   * restarted, or the plugin is updated, the channel is started again with the same settings, and the connection stays open.
   * Rejects with an InvocationError if the plugin failed or was shut down, and with what `onMessage` threw.
   */
  readonly closed: Promise<void>;
}

/** Starts the channel; `onClosed` is called once, when it has ended or could not start. @throws InvocationError */
export async function openConnection(
  callee: Callee,
  backend: Backend,
  { settings = {}, onMessage, signal, context }: ConnectOptions,
  onClosed: () => void,
): Promise<ChannelConnection> {
  const stop = new AbortController();
  const stopped = stop.signal;
  const start = new ChannelStart();
  const unlink = linkAbort(signal, stop);
  const unsubscribe = backend.route?.onSwitch(() => void start.move());
  let isOpen = true;
  const run = async (): Promise<void> => {
    try {
      // drain: a message that was accepted must be delivered even if the connection ends meanwhile
      const options = { context, timeoutMs: Infinity, drain: true, onChunk: messageReader(callee, onMessage) };
      const invoke = (onPending: () => void, signal: AbortSignal): Promise<string> => backend.invoke('start', encodeJson(settings, callee), { ...options, signal, onPending });
      await start.run(invoke, stopped);
    } finally {
      isOpen = false;
      unlink();
      unsubscribe?.();
      onClosed();
    }
  };
  const ended = run();
  await start.up;
  if (!start.wasUp) await ended; // rejects with the reason

  const closed = endOf(ended, stopped);
  const disconnect = async (): Promise<void> => {
    isOpen = false;
    stop.abort();
    await closed.catch(() => undefined);
  };
  const send = messageSender(callee, backend, start, () => isOpen && !stopped.aborted);
  return { send, disconnect, closed, [Symbol.asyncDispose]: disconnect };
}

/** Aborts `stop` when `signal` fires. Returns a function that ends this. */
function linkAbort(signal: AbortSignal | undefined, stop: AbortController): () => void {
  if (signal === undefined) return () => undefined;
  const onSignal = (): void => stop.abort(signal.reason);
  if (signal.aborted) onSignal();
  else onAbort(signal, onSignal);
  return () => offAbort(signal, onSignal);
}

/** Makes the function that passes the plugin's messages to `onMessage`. */
function messageReader(callee: Callee, onMessage: ConnectOptions['onMessage']): (chunk: Chunk) => void | Promise<void> {
  return (chunk) => {
    if (chunk.tag !== 'message') throw invalidReply(callee, 'chunks tagged message', `one tagged ${chunk.tag}`);
    return onMessage(decodeChunk(chunk, callee));
  };
}

/** Makes `send`. */
function messageSender(callee: Callee, backend: Backend, start: ChannelStart, isOpen: () => boolean): ChannelConnection['send'] {
  const readOptions = callOptionsReader({ pluginId: callee.pluginId, step: 'active' });
  return async (message, given = {}) => {
    const options = readOptions(given);
    return start.send(async () => {
      if (!isOpen()) throw connectionClosed(callee);
      return decodeJson(await backend.invoke('send', encodeJson(message, callee), options), callee);
    });
  };
}

/** Resolves when the connection has ended. Being stopped by the host is no failure. */
function endOf(ended: Promise<void>, stopped: AbortSignal): Promise<void> {
  const closed = ended.catch((error: unknown) => {
    if (!stopped.aborted || !isCancellation(error)) throw error;
  });
  closed.catch(() => undefined); // no unhandled rejection if the host ignores `closed`
  return closed;
}

const isCancellation = (error: unknown): boolean => error instanceof InvocationError && error.code === 'ERR_INVOCATION_CANCELLED';
