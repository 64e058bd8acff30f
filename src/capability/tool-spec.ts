import { nearest } from '../errors/index.js';
import { fitsObjects } from './fits-objects.js';
import { ownCopy } from '../options/parse-own.js';
import { requireSchema } from '../schema/require-schema.js'; // not the index, which loads Ajv

/** A JSON Schema; docs/plugins.md lists the drafts. */
export type JsonSchema = boolean | Readonly<Record<string, unknown>>;

/** What a tool says of its behaviour, with the names and meanings of MCP. Hints: a host must not rely on them for safety. */
export interface ToolAnnotations {
  /** It changes nothing. */
  readonly readOnlyHint?: boolean | undefined;
  /** It may delete or overwrite something. */
  readonly destructiveHint?: boolean | undefined;
  /** Calling it again with the same parameters changes nothing more. */
  readonly idempotentHint?: boolean | undefined;
  /** It talks to an open world, such as the web. */
  readonly openWorldHint?: boolean | undefined;
}

/** `json`: any JSON value. `content`: a ToolContent, with blocks of text, images, audio and resources. */
export type ToolResultKind = 'json' | 'content';

/** Everything that a tool registers beside its name and description. */
export interface ToolSpec {
  readonly parameters: JsonSchema;
  /** A name for people. */
  readonly title?: string | undefined;
  readonly annotations?: ToolAnnotations | undefined;
  /** What the result must fit: the result itself, or the `structuredContent` of content. */
  readonly outputSchema?: JsonSchema | undefined;
  readonly result: ToolResultKind;
}

const KEYS: readonly (keyof ToolSpec)[] = ['parameters', 'title', 'annotations', 'outputSchema', 'result'];
const HINTS: readonly (keyof ToolAnnotations)[] = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'];
const MAX_TITLE = 256;

/**
 * The spec of a tool: an object with the keys of ToolSpec, or only the JSON Schema of the parameters. Of these keys only `title`
 * is a keyword of JSON Schema, so the two can be told apart. @throws Error
 */
export function readToolSpec(spec: unknown): ToolSpec {
  if (!isFullSpec(spec)) return { parameters: parametersOf(spec), result: 'json' };
  for (const key of Object.keys(spec)) refuseUnknown(key, KEYS, '');
  const { title, annotations, outputSchema, result = 'json' } = ownCopy(spec, 1);
  if (title !== undefined && !(typeof title === 'string' && title !== '' && title.length <= MAX_TITLE)) {
    throw wrong('title', `1 to ${MAX_TITLE} characters`, title);
  }
  if (result !== 'json' && result !== 'content') throw wrong('result', '"json" or "content"', result);
  return {
    parameters: parametersOf(Object.hasOwn(spec, 'parameters') ? spec.parameters : undefined),
    title,
    annotations: annotations === undefined ? undefined : annotationsOf(annotations),
    outputSchema: outputSchema === undefined ? undefined : objectSchema(outputSchema, "a tool's outputSchema is"),
    result,
  };
}

const isFullSpec = (spec: unknown): spec is Readonly<Record<keyof ToolSpec, unknown>> =>
  typeof spec === 'object' && spec !== null && !Array.isArray(spec) && KEYS.some((key) => key !== 'title' && Object.hasOwn(spec, key));

/** The JSON Schema of a tool's parameters; a tool without one accepts any object. @throws Error */
export const parametersOf = (schema: unknown): JsonSchema => objectSchema(schema ?? { type: 'object' }, "a tool's parameters are");

/** Models call tools with objects, and MCP has objects as results, so a schema that no object fits is refused. @throws Error */
function objectSchema(schema: unknown, what: string): JsonSchema {
  requireSchema(schema);
  if (fitsObjects(schema)) return schema as JsonSchema;
  const type = typeof schema === 'object' && Object.hasOwn(schema, 'type') ? (schema as Readonly<Record<string, unknown>>).type : schema;
  throw new Error(`${what} an object: expected type "object", found ${shown(type)}`);
}

function annotationsOf(given: unknown): ToolAnnotations {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw wrong('annotations', 'an object', given);
  for (const [key, value] of Object.entries(given)) {
    refuseUnknown(key, HINTS, 'annotations.');
    if (value !== undefined && typeof value !== 'boolean') throw wrong(`annotations.${key}`, 'a boolean', value);
  }
  return given;
}

function refuseUnknown(key: string, known: readonly string[], where: string): void {
  if (known.includes(key)) return;
  const meant = nearest(key, known);
  throw new Error(`unknown key ${JSON.stringify(`${where}${key}`)}${meant === undefined ? '' : ` (did you mean ${meant}?)`}: expected ${known.join(', ')}`);
}

const wrong = (key: string, expected: string, found: unknown): Error => new Error(`${key}: expected ${expected}, found ${shown(found)}`);

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 100) ?? 'nothing';
