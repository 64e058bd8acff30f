import type { Callee } from '../invocation/callee.js';
import type { Chunk } from '../invocation/backend.js';
import { invalidReply } from '../invocation/errors.js';
import { decodeChunk } from './json.js';
import { memberOf, readObject } from './reply.js';

/** How far a tool is; the names are those of MCP. */
export interface Progress {
  /** Grows with each report. */
  readonly progress: number;
  /** What `progress` will be at the end, if known. */
  readonly total?: number;
  readonly message?: string;
  readonly [key: string]: unknown;
}

const EXPECTED = '{"progress": a number, "total"?: a number, "message"?: a string}';

/** Decodes a chunk that is tagged as progress. @throws InvocationError ERR_INVALID_REPLY */
export function decodeProgress(chunk: Chunk, callee: Callee): Progress {
  const progress = readProgress(decodeChunk(chunk, callee));
  if (progress === undefined) throw invalidReply(callee, `progress like ${EXPECTED}`, 'something else');
  return progress;
}

function readProgress(document: unknown): Progress | undefined {
  const object = document instanceof Uint8Array ? undefined : readObject(document);
  if (object === undefined) return undefined;
  const [progress, total, message] = ['progress', 'total', 'message'].map((name) => memberOf(object, name));
  const fits = Number.isFinite(progress) && (total === undefined || Number.isFinite(total)) && (message === undefined || typeof message === 'string');
  return fits ? (object as unknown as Progress) : undefined;
}
