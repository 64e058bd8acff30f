import { memberOf, readObject } from './reply.js';

/** For whom a block is, and how important; as in MCP. */
export interface ContentAnnotations {
  readonly audience?: readonly ('user' | 'assistant')[];
  /** 0 to 1. */
  readonly priority?: number;
  readonly [key: string]: unknown;
}

/** What every block may have. */
export interface AnnotatedBlock {
  readonly annotations?: ContentAnnotations;
  readonly [key: string]: unknown;
}

export interface TextBlock extends AnnotatedBlock {
  readonly type: 'text';
  readonly text: string;
}

/** An image or a sound. */
export interface MediaBlock extends AnnotatedBlock {
  readonly type: 'image' | 'audio';
  /** Base64. */
  readonly data: string;
  readonly mimeType: string;
}

/** A file or the like, embedded: with `text`, or with `blob` in base64. */
export interface ResourceBlock extends AnnotatedBlock {
  readonly type: 'resource';
  readonly resource: {
    readonly uri: string;
    readonly mimeType?: string;
    readonly text?: string;
    readonly blob?: string;
    readonly [key: string]: unknown;
  };
}

/** A file or the like, which the reader can fetch. */
export interface ResourceLinkBlock extends AnnotatedBlock {
  readonly type: 'resource_link';
  readonly uri: string;
  readonly name: string;
  readonly mimeType?: string;
}

/** A part of a tool's result, with the names of MCP. */
export type ContentBlock = TextBlock | MediaBlock | ResourceBlock | ResourceLinkBlock;

/** The result of a tool that answers with content: its blocks, with the names of MCP. */
export interface ToolContent {
  readonly content: readonly ContentBlock[];
  /** The tool has done its work, and the answer is an error that the model should see. */
  readonly isError?: boolean;
  /** The same answer as data; what `outputSchema` describes. */
  readonly structuredContent?: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

type Members = Readonly<Record<string, unknown>>;

const isText = (value: unknown): value is string => typeof value === 'string';
const isTextOrAbsent = (value: unknown): boolean => value === undefined || isText(value);
const isMedia = (block: Members): boolean => isText(memberOf(block, 'data')) && isText(memberOf(block, 'mimeType'));

/** What each type of block must have. */
const CHECKS: Readonly<Record<ContentBlock['type'], (block: Members) => boolean>> = {
  text: (block) => isText(memberOf(block, 'text')),
  image: isMedia,
  audio: isMedia,
  resource: (block) => {
    const resource = readObject(memberOf(block, 'resource'));
    if (resource === undefined || !isText(memberOf(resource, 'uri')) || !isTextOrAbsent(memberOf(resource, 'mimeType'))) return false;
    return isText(memberOf(resource, 'text')) !== isText(memberOf(resource, 'blob'));
  },
  resource_link: (block) => isText(memberOf(block, 'uri')) && isText(memberOf(block, 'name')) && isTextOrAbsent(memberOf(block, 'mimeType')),
};

export const CONTENT_EXPECTED = '{"content": [a block of type text, image, audio, resource or resource_link, …], "isError"?: a boolean, "structuredContent"?: an object}';

/** The content in a parsed answer; `undefined` if it has another shape. */
export function readContent(document: unknown): ToolContent | undefined {
  const answer = readObject(document);
  if (answer === undefined) return undefined;
  const [content, isError, structured] = ['content', 'isError', 'structuredContent'].map((name) => memberOf(answer, name));
  if (!Array.isArray(content) || !content.every(isBlock)) return undefined;
  if (isError !== undefined && typeof isError !== 'boolean') return undefined;
  return structured === undefined || readObject(structured) !== undefined ? (answer as unknown as ToolContent) : undefined;
}

function isBlock(document: unknown): boolean {
  const block = readObject(document);
  const type = block && memberOf(block, 'type');
  return block !== undefined && isText(type) && Object.hasOwn(CHECKS, type) && CHECKS[type as ContentBlock['type']](block);
}

/**
 * The result of `tool.call` as content, whatever kind of result the tool has: a JSON value becomes a block of text and, if it is
 * an object, `structuredContent`.
 */
export function toolContentOf(tool: { readonly result: 'json' | 'content' }, result: unknown): ToolContent {
  if (tool.result === 'content') return result as ToolContent;
  const text = isText(result) ? result : JSON.stringify(result ?? null);
  const structuredContent = readObject(result);
  return { content: [{ type: 'text', text }], ...(structuredContent && { structuredContent }) };
}
