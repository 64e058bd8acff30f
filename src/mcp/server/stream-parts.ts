import { Buffer } from 'node:buffer';
import type { ServerContext } from '@modelcontextprotocol/server';
import type { CallOptions } from '../../capability/kinds/tool.js';
import type { Progress } from '../../capability/progress.js';

/**
 * Sends what a tool streams: its progress if the client asks for it, and other chunks as progress too, or as log messages. The
 * promises settle when the connection takes more, so that a tool is no faster than its client.
 */
export function partSender({ mcpReq }: ServerContext): Pick<CallOptions, 'onChunk' | 'onProgress'> {
  const progressToken = mcpReq._meta?.progressToken;
  // The call is cancelled if the connection is closed, so an error here has no reader.
  const sent = (sending: Promise<void>): Promise<void> => sending.catch(() => undefined);
  const log = (chunk: unknown): Promise<void> => sent(mcpReq.log('info', jsonOf(chunk)));
  if (progressToken === undefined) return { onChunk: log };
  let last = -Infinity;
  let hasProgress = false;
  const report = ({ progress, total, message }: Progress): Promise<void> => {
    if (progress <= last) return Promise.resolve(); // must grow
    last = progress;
    const more = { ...(total !== undefined && { total }), ...(message !== undefined && { message }) };
    return sent(mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, ...more } }));
  };
  let count = 0;
  return {
    onProgress: (progress) => {
      hasProgress = true;
      return report(progress);
    },
    onChunk: (chunk) => (hasProgress ? log(chunk) : report({ progress: ++count, message: textOf(chunk) })),
  };
}

const jsonOf = (chunk: unknown): unknown => (chunk instanceof Uint8Array ? { base64: Buffer.from(chunk).toString('base64') } : chunk);

const textOf = (chunk: unknown): string => (typeof chunk === 'string' ? chunk : JSON.stringify(jsonOf(chunk)));
