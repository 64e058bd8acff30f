import { InvocationError } from '../errors/index.js';
import type { Backend, Chunk, InvokeOptions } from '../invocation/backend.js';
import { offAbort, onAbort } from '../options/abort-listeners.js';
import { callOptionsReader } from './call-options.js';
import { ChannelStart } from './channel-start.js';
import { decodeChunk, decodeJson, encodeJson } from './json.js';
import type { Callee } from '../invocation/callee.js';
import { invalidReply } from '../invocation/errors.js';
import { connectionClosed } from '../invocation/errors.js';

export interface ConnectOptions {
  /** What the plugin needs to connect, such as an address: anything that JSON can hold. Default: `{}`. */
  readonly settings?: unknown;
  /**
   * Gets each message in order. While a promise it returned is open, the next one waits; when many wait, the plugin is
   * told that there is no room. What it throws ends the connection. The first may come before `connect` has resolved.
   */
  readonly onMessage: (message: unknown) => void | Promise<void>;
  /** Fires to disconnect. */
  readonly signal?: AbortSignal | undefined;
}

/** A channel that is connected. */
export interface ChannelConnection extends AsyncDisposable {
  /**
   * Sends one message. Resolves with the plugin's receipt, parsed from its JSON. While the plugin's process is started
   * again after a crash, it waits.
   * @throws InvocationError ERR_CONNECTION_CLOSED, or what the invocation ends with
   */
  send(message: unknown, options?: Pick<InvokeOptions, 'signal' | 'timeoutMs' | 'parent'>): Promise<unknown>;
  /**
   * Ends the connection. Resolves when every message that was taken before has been through `onMessage`; after that
   * there are no more. So inside `onMessage` call it without awaiting it.
   */
  disconnect(): Promise<void>;
  /**
   * Resolves when the connection was ended by this side, or by the plugin without a failure. Where the plugin's process
   * crashes and comes back, the channel is started anew with the same settings, and this stays open.
   * Rejects with an InvocationError when the plugin failed or was shut down, and with what `onMessage` threw.
   */
  readonly closed: Promise<void>;
}

/** Starts the channel; `onClosed` is called once, when it has ended or could not start. @throws InvocationError */
export async function openConnection(
  callee: Callee,
  backend: Backend,
  { settings = {}, onMessage, signal }: ConnectOptions,
  onClosed: () => void,
): Promise<ChannelConnection> {
  const stop = new AbortController();
  const stopped = stop.signal;
  const onSignal = (): void => stop.abort(signal?.reason);
  if (signal?.aborted === true) onSignal();
  else if (signal !== undefined) onAbort(signal, onSignal);
  let isOpen = true;
  const onChunk = (chunk: Chunk): void | Promise<void> => {
    if (chunk.tag !== 'message') throw invalidReply(callee, 'chunks tagged message', `one tagged ${chunk.tag}`);
    return onMessage(decodeChunk(chunk, callee));
  };
  const readOptions = callOptionsReader({ pluginId: callee.pluginId, step: 'active' });
  const start = new ChannelStart();
  const run = async (): Promise<void> => {
    try {
      // drain: a message that the plugin was told is taken must arrive, also when the connection ends meanwhile
      const options = { signal: stopped, timeoutMs: Infinity, drain: true, onChunk };
      await start.run((onPending) => backend.invoke('start', encodeJson(settings, callee), { ...options, onPending }), stopped);
    } finally {
      isOpen = false;
      if (signal !== undefined) offAbort(signal, onSignal);
      onClosed();
    }
  };
  const ended = run();
  await start.up;
  if (!start.wasUp) await ended; // which says why

  const closed = ended.catch((error: unknown) => {
    if (!stopped.aborted || !isCancellation(error)) throw error;
  });
  closed.catch(() => undefined); // a host that does not look at `closed` is not to end by it
  const disconnect = async (): Promise<void> => {
    isOpen = false;
    stop.abort();
    await closed.catch(() => undefined);
  };
  return {
    async send(message, given = {}) {
      const options = readOptions(given);
      await start.up;
      if (!isOpen || stopped.aborted) throw connectionClosed(callee);
      return decodeJson(await backend.invoke('send', encodeJson(message, callee), options), callee);
    },
    disconnect,
    closed,
    [Symbol.asyncDispose]: disconnect,
  };
}

const isCancellation = (error: unknown): boolean => error instanceof InvocationError && error.code === 'ERR_INVOCATION_CANCELLED';
