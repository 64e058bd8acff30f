import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Server } from '@modelcontextprotocol/server';
import { optionError } from '../../options/option-error.js';
import { isOptionsObject } from '../../options/options-object.js';
import { loadServerStdioSdk } from '../sdk.js';
import { MAX_MESSAGE_BYTES } from './limits.js';
import type { McpStdioConnection, McpStdioStreams } from './public.js';
import { takeStandardOutput } from './take-standard-output.js';

/** Serves one client. @throws LoadError ERR_MISSING_PACKAGE, ERR_OPTIONS */
export async function serveOverStdio(make: () => Server, streams: McpStdioStreams): Promise<McpStdioConnection> {
  const { serveStdio, StdioServerTransport } = await loadServerStdioSdk();
  requireStreams(streams);
  const { input = process.stdin, output = takeStandardOutput() } = streams;
  const handle = serveStdio(make, { transport: new StdioServerTransport(input, output, { maxBufferSize: MAX_MESSAGE_BYTES }) });
  const stop = new AbortController();
  const { signal } = stop;
  const ends = [once(input, 'end', { signal }), once(input, 'close', { signal }), once(output, 'close', { signal })];
  const closed = Promise.race(ends).catch(() => undefined).then(() => handle.close());
  // Without a listener, an error of the streams would end the process. The streams close after it.
  for (const stream of [input, output]) stream.on('error', () => stop.abort());
  for (const end of ends) void end.catch(() => undefined);
  const close = (): Promise<void> => {
    stop.abort();
    return closed;
  };
  return { closed, close };
}

/** @throws LoadError ERR_OPTIONS */
function requireStreams(streams: unknown): void {
  if (!isOptionsObject(streams)) throw optionError('streams', 'an object', streams);
  const unknown = Object.keys(streams).find((name) => name !== 'input' && name !== 'output');
  if (unknown !== undefined) throw optionError(unknown, 'one of the names input, output', streams[unknown]);
  const { input, output } = streams as { readonly input?: Partial<Readable>; readonly output?: Partial<Writable> };
  if (input !== undefined && typeof input?.on !== 'function') throw optionError('input', 'a readable stream', input);
  if (output !== undefined && typeof output?.write !== 'function') throw optionError('output', 'a writable stream', output);
}
