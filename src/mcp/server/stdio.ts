import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Server } from '@modelcontextprotocol/server';
import { checked } from '../../options/fields.js';
import { group } from '../../options/group.js';
import { readOptions } from '../../options/read-options.js';
import { loadServerStdioSdk } from '../sdk.js';
import { MAX_MESSAGE_BYTES } from './limits.js';
import type { McpStdioConnection, McpStdioStreams } from './public.js';
import { takeStandardOutput } from './take-standard-output.js';

const has = (value: unknown, method: string): boolean => typeof (value as Readonly<Record<string, unknown>> | null)?.[method] === 'function';

const stdioOptions = group<McpStdioStreams>({
  input: checked<Readable>('a readable stream', (value) => has(value, 'read')),
  output: checked<Writable>('a writable stream', (value) => has(value, 'write')),
});

/** Serves one client. @throws LoadError ERR_MISSING_PACKAGE, ERR_OPTIONS */
export async function serveOverStdio(make: () => Server, streams: McpStdioStreams): Promise<McpStdioConnection> {
  const { serveStdio, StdioServerTransport } = await loadServerStdioSdk();
  const { input = process.stdin, output = takeStandardOutput() } = readOptions(stdioOptions, streams);
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
