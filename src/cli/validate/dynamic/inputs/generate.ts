import type { Random } from '../random.js';

type Schema = boolean | Readonly<Record<string, unknown>>;

const MAX_DEPTH = 6;
const WORDS = ['', 'a', 'Oslo', 'two words', 'ünïcödé ✓', '"quoted" \\ back', 'line\nbreak', '0', '\u0000', 'x'.repeat(300)];

/** Where generated values come from. */
export interface Source {
  readonly random: Random;
  /** Every text that may have this many characters has them. */
  readonly textLength?: number;
}

/**
 * A value that the schema allows, mostly: what is rare in schemas (patterns, conditions, dependencies) is not considered. Members that
 * are not required are there or not by chance.
 */
export function generate(schema: unknown, source: Source, root: unknown = schema, depth = 0): unknown {
  if (typeof schema !== 'object' || schema === null) return anything(source.random, depth);
  const given = schema as Readonly<Record<string, unknown>>;
  if ('const' in given) return given.const;
  if (Array.isArray(given.enum) && given.enum.length > 0) return source.random.pick(given.enum as unknown[]);
  const target = typeof given.$ref === 'string' && depth < MAX_DEPTH ? resolve(given.$ref, root) : undefined;
  if (target !== undefined) return generate(target, source, root, depth + 1);
  for (const key of ['oneOf', 'anyOf', 'allOf'] as const) {
    const choices = given[key];
    if (!Array.isArray(choices) || choices.length === 0) continue;
    const chosen = key === 'allOf' ? (choices as Schema[]) : [source.random.pick(choices as Schema[])];
    const base = { ...given, [key]: undefined };
    return generate(chosen.reduce<Record<string, unknown>>(merge, base), source, root, depth + 1);
  }
  return ofType(given, source, root, depth);
}

function merge(base: Record<string, unknown>, more: Schema): Record<string, unknown> {
  if (typeof more === 'boolean') return base;
  const list = (key: string): unknown[] => [base[key], more[key]].flatMap((each) => (Array.isArray(each) ? (each as unknown[]) : []));
  const object = (key: string): object => ({ ...(base[key] as object | undefined), ...(more[key] as object | undefined) });
  return { ...base, ...more, required: list('required'), properties: object('properties') };
}

function resolve(ref: string, root: unknown): unknown {
  if (!ref.startsWith('#')) return undefined;
  let found: unknown = root;
  for (const part of ref.slice(1).split('/').filter(Boolean)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    found = typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[key] : undefined;
  }
  return found;
}

function ofType(schema: Readonly<Record<string, unknown>>, source: Source, root: unknown, depth: number): unknown {
  const types = Array.isArray(schema.type) ? (schema.type as unknown[]) : [schema.type ?? guessType(schema)];
  switch (source.random.pick(types)) {
    case 'object':
      return objectOf(schema, source, root, depth);
    case 'array':
      return arrayOf(schema, source, root, depth);
    case 'string':
      return textOf(schema, source);
    case 'integer':
      return Math.round(numberOf(schema, source.random));
    case 'number':
      return numberOf(schema, source.random);
    case 'boolean':
      return source.random.chance(0.5);
    case 'null':
      return null;
    default:
      return anything(source.random, depth);
  }
}

function guessType(schema: Readonly<Record<string, unknown>>): string | undefined {
  if ('properties' in schema || 'required' in schema) return 'object';
  if ('items' in schema) return 'array';
  if ('minLength' in schema || 'maxLength' in schema || 'pattern' in schema) return 'string';
  return 'minimum' in schema || 'maximum' in schema ? 'number' : undefined;
}

function objectOf(schema: Readonly<Record<string, unknown>>, source: Source, root: unknown, depth: number): unknown {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, unknown>>;
  const required = new Set(Array.isArray(schema.required) ? (schema.required as string[]) : []);
  const value: Record<string, unknown> = {};
  for (const name of new Set([...Object.keys(properties), ...required])) {
    if (!required.has(name) && (depth >= MAX_DEPTH || !source.random.chance(0.6))) continue;
    Object.defineProperty(value, name, { value: generate(properties[name] ?? true, source, root, depth + 1), enumerable: true });
  }
  return value;
}

function arrayOf(schema: Readonly<Record<string, unknown>>, source: Source, root: unknown, depth: number): unknown {
  const least = limit(schema.minItems, 0);
  const most = limit(schema.maxItems, least + 3);
  const length = depth >= MAX_DEPTH ? least : least + source.random.below(most - least + 1);
  return Array.from({ length: Math.min(length, 1000) }, () => generate(schema.items ?? true, source, root, depth + 1));
}

const limit = (given: unknown, otherwise: number): number => (typeof given === 'number' && given >= 0 ? given : otherwise);

function textOf(schema: Readonly<Record<string, unknown>>, { random, textLength }: Source): string {
  const least = limit(schema.minLength, 0);
  const most = limit(schema.maxLength, Infinity);
  if (textLength !== undefined) return 'z'.repeat(Math.max(least, Math.min(most, textLength)));
  const characters = [...random.pick(WORDS)];
  while (characters.length < Math.min(least, 100_000)) characters.push('y');
  return characters.slice(0, most).join('');
}

/** At most this far from the lower limit, because a number is often a count or a time. */
const SPAN = 100;

function numberOf(schema: Readonly<Record<string, unknown>>, random: Random): number {
  const number = (key: string): number | undefined => (typeof schema[key] === 'number' ? schema[key] : undefined);
  const above = number('exclusiveMinimum');
  const below = number('exclusiveMaximum');
  const most = number('maximum') ?? (below === undefined ? undefined : below - 1);
  const low = number('minimum') ?? (above === undefined ? Math.min(0, most ?? 0) : above + 1);
  const high = Math.min(most ?? Infinity, low + SPAN);
  const step = Math.max(number('multipleOf') ?? 1, Number.MIN_VALUE);
  const value = (Math.ceil(low / step) + random.below(Math.floor((high - low) / step) + 1)) * step;
  return value > high ? low : value;
}

function anything(random: Random, depth: number): unknown {
  const choices = [null, true, 0, -1, 1.5, random.pick(WORDS), [], {}];
  return depth >= MAX_DEPTH ? null : random.pick(choices);
}
