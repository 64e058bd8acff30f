import type { Chunk } from '../invocation/backend.js';
import type { Callee } from '../invocation/callee.js';
import { invalidReply } from '../invocation/errors.js';
import type { Validator } from '../schema/index.js';
import { decodeChunk, decodeJson } from './json.js';
import { decodeProgress, type Progress } from './progress.js';
import { decodeReply } from './reply.js';
import { CONTENT_EXPECTED, readContent, type ToolContent } from './tool-content.js';
import type { ToolResultKind } from './tool-spec.js';

type OnPart<T> = ((part: T) => void | Promise<void>) | undefined;

/** Passes each chunk to the callback for it. Reports of progress are dropped if nobody wants them; so are other chunks. */
export const chunkReader =
  (callee: Callee, onChunk: OnPart<unknown>, onProgress: OnPart<Progress>) =>
  (chunk: Chunk): void | Promise<void> =>
    chunk.tag === 'progress' ? onProgress?.(decodeProgress(chunk, callee)) : onChunk?.(decodeChunk(chunk, callee));

/** Makes the function that parses and checks an answer. An error that is content need not fit the schema. */
export function answerReader(callee: Callee, result: ToolResultKind, failureOf: Validator | undefined): (json: string) => unknown {
  const check = (value: unknown, json: string, where: string): void => {
    const failure = failureOf?.(value, json.length);
    if (failure !== undefined) throw invalidReply(callee, `${failure.expected} at ${where}${failure.pointer}`, failure.found);
  };
  if (result === 'content') {
    return (json) => {
      const content: ToolContent = decodeReply(json, readContent, CONTENT_EXPECTED, callee);
      if (content.isError !== true) check(content.structuredContent, json, 'structuredContent');
      return content;
    };
  }
  if (failureOf === undefined) return (json) => decodeJson(json, callee);
  return (json) => {
    const value = decodeJson(json, callee);
    check(value, json, 'the result');
    return value;
  };
}
