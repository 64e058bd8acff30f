import type { AnySchemaObject } from 'ajv';

/** The compilers that there are: draft-07's also takes draft-06, and draft-04 once it is converted. */
export type Dialect = '2020-12' | '2019-09' | 'draft-07';

/** The `$schema` of each draft, without scheme and fragment: both spellings of both are common. */
const DRAFTS: Readonly<Record<string, Dialect | 'draft-04' | undefined>> = {
  'json-schema.org/draft/2020-12/schema': '2020-12',
  'json-schema.org/draft/2019-09/schema': '2019-09',
  'json-schema.org/draft-07/schema': 'draft-07',
  'json-schema.org/draft-06/schema': 'draft-07',
  'json-schema.org/draft-04/schema': 'draft-04',
};

export interface DialectSchema {
  readonly dialect: Dialect;
  /** Without its `$schema`, which the dialect stands for. */
  readonly schema: AnySchemaObject | boolean;
}

/** The draft that a schema is written in: what its `$schema` says, or else 2020-12. @throws Error for another `$schema` */
export function dialectOf(given: AnySchemaObject | boolean): DialectSchema {
  if (typeof given === 'boolean' || given.$schema === undefined) return { dialect: '2020-12', schema: given };
  const { $schema, ...schema } = given as { readonly $schema: unknown };
  const draft = DRAFTS[String($schema).replace(/^https?:\/\//, '').replace(/#$/, '')];
  if (draft === undefined) {
    throw new Error(`unknown $schema ${JSON.stringify($schema).slice(0, 200)}: known are the drafts 2020-12, 2019-09, 07, 06 and 04`);
  }
  return draft === 'draft-04' ? { dialect: 'draft-07', schema: fromDraft04(schema) } : { dialect: draft, schema };
}

const ONE = ['additionalItems', 'additionalProperties', 'items', 'not'];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'items'];
const MAPS = ['definitions', 'properties', 'patternProperties', 'dependencies'];

/** Draft-04 has `id` for `$id`, and true or false for `exclusiveMinimum` and `exclusiveMaximum`. */
function fromDraft04(given: AnySchemaObject): AnySchemaObject {
  const schema: AnySchemaObject = { ...given };
  if (typeof schema.id === 'string') {
    schema.$id = schema.id;
    delete schema.id;
  }
  exclude(schema, 'minimum', 'exclusiveMinimum');
  exclude(schema, 'maximum', 'exclusiveMaximum');
  for (const key of ONE) if (isSchema(schema[key])) schema[key] = fromDraft04(schema[key]);
  for (const key of LISTS) {
    const list: unknown = schema[key];
    if (Array.isArray(list)) schema[key] = list.map((item: unknown) => (isSchema(item) ? fromDraft04(item) : item));
  }
  for (const key of MAPS) {
    const map: unknown = schema[key];
    if (isSchema(map)) schema[key] = Object.fromEntries(Object.entries(map).map(([name, item]: [string, unknown]) => [name, isSchema(item) ? fromDraft04(item) : item]));
  }
  return schema;
}

function exclude(schema: AnySchemaObject, limit: 'minimum' | 'maximum', flag: 'exclusiveMinimum' | 'exclusiveMaximum'): void {
  const isExclusive: unknown = schema[flag];
  if (typeof isExclusive !== 'boolean') return;
  delete schema[flag];
  if (!isExclusive || schema[limit] === undefined) return;
  schema[flag] = schema[limit] as unknown;
  delete schema[limit];
}

const isSchema = (value: unknown): value is AnySchemaObject => typeof value === 'object' && value !== null && !Array.isArray(value);
