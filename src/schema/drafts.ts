import type { AnySchemaObject } from 'ajv';

/** The drafts that are compiled directly. Draft-06 is compiled as draft-07; draft-04 and 2019-09 are rewritten first. */
export type Dialect = '2020-12' | 'draft-07';

interface Draft {
  readonly dialect: Dialect;
  /** Rewrites one schema for the dialect; also called for each subschema. */
  readonly adapt?: (schema: AnySchemaObject) => void;
}

/** By `$schema`, without `http://` or `https://` and without the `#` at the end, because schemas write both with and without. */
const DRAFTS: ReadonlyMap<string, Draft> = new Map([
  ['json-schema.org/draft/2020-12/schema', { dialect: '2020-12' }],
  ['json-schema.org/draft/2019-09/schema', { dialect: '2020-12', adapt: convert2019 }],
  ['json-schema.org/draft-07/schema', { dialect: 'draft-07', adapt: ignoreBesideRef }],
  ['json-schema.org/draft-06/schema', { dialect: 'draft-07', adapt: convertDraft06 }],
  ['json-schema.org/draft-04/schema', { dialect: 'draft-07', adapt: convertDraft04 }],
]);

/** A schema without `$schema`: 2020-12, plus the syntax of older drafts that 2020-12 does not allow. */
const UNSPECIFIED: Draft = {
  dialect: '2020-12',
  adapt: (schema) => {
    convertTuple(schema);
    convertLimits(schema);
  },
};

export interface DialectSchema {
  readonly dialect: Dialect;
  /** Without its `$schema`. */
  readonly schema: AnySchemaObject | boolean;
}

/**
 * Rewrites a schema, in place, for one of the dialects, and removes its `$schema`.
 * @throws Error for an unknown `$schema`
 */
export function dialectOf(schema: AnySchemaObject | boolean): DialectSchema {
  if (typeof schema === 'boolean') return { dialect: UNSPECIFIED.dialect, schema };
  const { dialect, adapt } = draftOf(schema.$schema);
  delete schema.$schema;
  rewrite(schema, (inner) => {
    adapt?.(inner);
    removeUnsupported(inner);
  });
  return { dialect, schema };
}

function draftOf($schema: unknown): Draft {
  if ($schema === undefined) return UNSPECIFIED;
  const draft = typeof $schema !== 'string' ? undefined : DRAFTS.get($schema.replace(/^https?:\/\//, '').replace(/#$/, ''));
  if (draft !== undefined) return draft;
  throw new Error(`unknown $schema ${JSON.stringify($schema).slice(0, 200)}: known are the drafts 2020-12, 2019-09, 07, 06 and 04`);
}

const SINGLE = [
  'additionalItems', 'additionalProperties', 'contains', 'else', 'if', 'items', 'not', 'propertyNames', 'then',
  'unevaluatedItems', 'unevaluatedProperties',
];
const LISTS = ['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems'];
const MAPS = ['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties', 'properties'];

/** Calls `change` for a schema and each of its subschemas, of any draft, innermost first. Plain values, as in `enum`, are not changed. */
function rewrite(schema: AnySchemaObject, change: (schema: AnySchemaObject) => void): void {
  const subschemas = [
    ...SINGLE.map((key): unknown => schema[key]),
    ...LISTS.flatMap((key): unknown[] => (Array.isArray(schema[key]) ? schema[key] : [])),
    ...MAPS.flatMap((key): unknown[] => (isSchema(schema[key]) ? Object.values(schema[key]) : [])),
  ];
  for (const inner of subschemas) if (isSchema(inner)) rewrite(inner, change);
  change(schema);
}

/** Before 2020-12, `prefixItems` was an array in `items`, and `items` was `additionalItems`. */
function convertTuple(schema: AnySchemaObject): void {
  if (!Array.isArray(schema.items) || schema.prefixItems !== undefined) return;
  const { items, additionalItems } = schema as { readonly items: unknown; readonly additionalItems?: unknown };
  schema.prefixItems = items;
  delete schema.items;
  delete schema.additionalItems;
  if (additionalItems !== undefined) schema.items = additionalItems;
  if ((items as readonly unknown[]).length === 0) delete schema.prefixItems; // 2020-12 requires at least one
}

/** In 2019-09 `$recursiveAnchor` is true or false; `$dynamicAnchor`, its successor, needs a name. */
function convert2019(schema: AnySchemaObject): void {
  convertTuple(schema);
  const { $recursiveAnchor: anchor, $recursiveRef: ref } = schema as { readonly $recursiveAnchor?: unknown; readonly $recursiveRef?: unknown };
  if (typeof anchor === 'boolean') delete schema.$recursiveAnchor;
  if (anchor === true) schema.$dynamicAnchor = RECURSIVE_ANCHOR;
  if (ref !== '#') return;
  delete schema.$recursiveRef;
  schema.$dynamicRef = `#${RECURSIVE_ANCHOR}`;
}

const RECURSIVE_ANCHOR = '_recursive';

/** Up to draft-07, a schema with `$ref` is only that reference. Definitions stay: references may point into them. */
function ignoreBesideRef(schema: AnySchemaObject): void {
  if (typeof schema.$ref !== 'string') return;
  for (const key of Object.keys(schema)) if (key !== '$ref' && key !== 'definitions') delete schema[key];
}

/** `if`, `then` and `else` are new in draft-07. */
function convertDraft06(schema: AnySchemaObject): void {
  ignoreBesideRef(schema);
  for (const key of ['if', 'then', 'else']) delete schema[key];
}

/** Draft-04 has `id` instead of `$id`. */
function convertDraft04(schema: AnySchemaObject): void {
  convertDraft06(schema);
  if (typeof schema.id === 'string') schema.$id = schema.id;
  convertLimits(schema);
}

/** In draft-04, and in OpenAPI 3.0, `exclusiveMinimum` and `exclusiveMaximum` are true or false. */
function convertLimits(schema: AnySchemaObject): void {
  exclude(schema, 'minimum', 'exclusiveMinimum');
  exclude(schema, 'maximum', 'exclusiveMaximum');
}

function exclude(schema: AnySchemaObject, limit: 'minimum' | 'maximum', flag: 'exclusiveMinimum' | 'exclusiveMaximum'): void {
  const isExclusive: unknown = schema[flag];
  if (typeof isExclusive !== 'boolean') return;
  delete schema[flag];
  if (!isExclusive || schema[limit] === undefined) return;
  schema[flag] = schema[limit] as unknown;
  delete schema[limit];
}

/**
 * Unknown keywords have no effect. Ajv throws for two that are unknown in these drafts: `id`, and OpenAPI's `nullable` without
 * a `type` that it could add null to.
 */
function removeUnsupported(schema: AnySchemaObject): void {
  delete schema.id;
  const { type, nullable } = schema as { readonly type?: unknown; readonly nullable?: unknown };
  const canAddNull = type !== undefined && type !== 'null' && !(Array.isArray(type) && (type.length === 0 || type.includes('null')));
  if (typeof nullable !== 'boolean' || !canAddNull) delete schema.nullable;
}

const isSchema = (value: unknown): value is AnySchemaObject => typeof value === 'object' && value !== null && !Array.isArray(value);
