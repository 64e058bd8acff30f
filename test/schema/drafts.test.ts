/** Schemas as they are found in the world: several drafts, patterns without the u flag, decimal fractions. */
import { describe, expect, test } from '@jest/globals';
import { parametersOf } from '../../src/capability/tool-spec.js';
import { compileSchema } from '../../src/schema/index.js';

const of = (a: object, rest: object = {}): object => ({ type: 'object', properties: { a }, ...rest });
const S = 'json-schema.org';
const good = (schema: object, value: unknown): boolean => compileSchema(schema)(value, 10) === undefined;

test.each([
  `http://${S}/draft-07/schema#`,
  `http://${S}/draft-07/schema`,
  `https://${S}/draft-07/schema#`,
  `http://${S}/draft-06/schema#`,
  `http://${S}/draft-04/schema#`,
  `https://${S}/draft/2019-09/schema`,
  `https://${S}/draft/2020-12/schema`,
])('%s is known', ($schema) => {
  const schema = of({ type: 'string' }, { $schema });
  expect([good(schema, { a: 'x' }), good(schema, { a: 1 })]).toEqual([true, false]);
});

describe('draft-04', () => {
  const $schema = `http://${S}/draft-04/schema#`;
  test('has true and false for its exclusive limits, at any depth', () => {
    const limit = { minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false };
    const schema = of({ items: { anyOf: [limit] } }, { $schema, id: 'https://example.com/x.json' });
    expect([[2], [9], [0], [10]].map((a) => good(schema, { a }))).toEqual([true, true, false, false]);
  });
  test('keeps a property that is called id, and values in an enum', () => {
    const schema = { $schema, properties: { id: { type: 'string' }, e: { enum: [{ minimum: 1, exclusiveMinimum: true }] } } };
    expect([good(schema, { id: 'x', e: { minimum: 1, exclusiveMinimum: true } }), good(schema, { id: 5 })]).toEqual([true, false]);
  });
});

test.each([undefined, `https://${S}/draft/2019-09/schema`, `http://${S}/draft-07/schema#`])('items may be a list, as before 2020-12: %s', ($schema) => {
  const tuple = { type: 'array', items: [{ type: 'string' }, { items: [{ type: 'number' }] }] };
  const of2 = (rest: object): object => of({ ...tuple, ...rest }, { $schema });
  expect([['x', [1]], ['x', [1], 2], [1], ['x', ['y']]].map((a) => good(of2({}), { a }))).toEqual([true, true, false, false]);
  expect([['x', [1]], ['x', [1], 2]].map((a) => good(of2({ additionalItems: false }), { a }))).toEqual([true, false]);
  expect([['x', [1], 2], ['x', [1], 'y']].map((a) => good(of2({ additionalItems: { type: 'number' } }), { a }))).toEqual([true, false]);
});

test('an empty list of items', () => {
  expect(good(of({ items: [], additionalItems: false }), { a: [1] })).toBe(false);
  expect(good(of({ items: [] }), { a: [1] })).toBe(true);
});

test('items as a list beside prefixItems is refused: one of them would have no effect', () => {
  expect(() => compileSchema(of({ prefixItems: [{}], items: [{}] }))).toThrow(/items/);
});

describe('2019-09', () => {
  const $schema = `https://${S}/draft/2019-09/schema`;
  test('has $recursiveRef', () => {
    const schema = { $schema, $recursiveAnchor: true, properties: { v: { type: 'number' }, kid: { $recursiveRef: '#' } } };
    expect([good(schema, { v: 1, kid: { v: 2 } }), good(schema, { kid: { kid: { v: 'x' } } })]).toEqual([true, false]);
  });
  test('knows what is not evaluated, dependencies and $anchor', () => {
    const schema = {
      $schema,
      allOf: [{ properties: { a: { $ref: '#text' } } }],
      properties: { t: { items: [{}], unevaluatedItems: false }, k: {} },
      dependentRequired: { k: ['a'] },
      unevaluatedProperties: false,
      $defs: { text: { $anchor: 'text', type: 'string' } },
    };
    const values = [{ a: 'x' }, { a: 1 }, { t: [1] }, { t: [1, 2] }, { k: 1 }, { other: 1 }];
    expect(values.map((value) => good(schema, value))).toEqual([true, false, true, false, false, false]);
  });
});

describe('without $schema', () => {
  test('exclusive limits may be true and false, as in OpenAPI 3.0', () => {
    const schema = of({ minimum: 0, exclusiveMinimum: true });
    expect([good(schema, { a: 1 }), good(schema, { a: 0 })]).toEqual([true, false]);
  });
  test('an id has no effect, at any depth', () => {
    const schema = of({ id: '/properties/a', type: 'string' }, { id: 'https://example.com/x.json' });
    expect([good(schema, { a: 'x' }), good(schema, { a: 1 })]).toEqual([true, false]);
  });
});

test.each([undefined, `http://${S}/draft-07/schema#`])('nullable has no effect without a type that it could add null to: %s', ($schema) => {
  const anyOf = [{ type: 'string' }];
  expect(['x', null, 1].map((a) => good(of({ nullable: true, anyOf }, { $schema }), { a }))).toEqual([true, false, false]);
  expect(['x', null, 1].map((a) => good(of({ nullable: true, type: 'string' }, { $schema }), { a }))).toEqual([true, true, false]);
  expect(['x', null, 1].map((a) => good(of({ nullable: false, type: ['string', 'null'] }, { $schema }), { a }))).toEqual([true, true, false]);
  expect(good(of({ nullable: 'yes', type: 'string' }, { $schema }), { a: null })).toBe(false);
});

test('properties that are called as keywords are properties', () => {
  const schema = { properties: { id: { type: 'string' }, nullable: { type: 'string' }, items: { type: 'array', items: { type: 'string' } } } };
  expect([{ id: 'x', nullable: 'x', items: ['x'] }, { id: 1 }, { nullable: 1 }, { items: [1] }].map((value) => good(schema, value))).toEqual([true, false, false, false]);
});

test('an unknown $schema is refused with the known drafts', () => {
  expect(() => compileSchema({ $schema: 'https://example.com/own' })).toThrow(/unknown \$schema "https:\/\/example.com\/own": known are the drafts 2020-12/);
});

test('a multiple of a decimal fraction is one', () => {
  const schema = of({ multipleOf: 0.01 });
  expect([0.07, 1.1, 1e15, 0.075].map((a) => good(schema, { a }))).toEqual([true, true, true, false]);
});

test('a pattern need not be legal with the u flag', () => {
  expect(good(of({ pattern: '^\\/[a-z]+\\_$' }), { a: '/ab_' })).toBe(true);
  expect(good(of({ pattern: '^[\\w.\\-]+@[\\w\\-]+$' }), { a: '@' })).toBe(false);
  expect(() => compileSchema(of({ pattern: '(?i' }))).toThrow();
});

test('the parameters of a tool are an object', () => {
  for (const spec of [undefined, {}, { type: 'object' }, { type: ['object', 'null'] }]) expect(parametersOf(spec)).toEqual(spec ?? { type: 'object' });
  for (const spec of [{ type: 'string' }, { type: ['array'] }, false]) expect(() => parametersOf(spec)).toThrow(/expected type "object"/);
});

test.each([
  [{ const: 5 }],
  [{ enum: ['a', null, []] }],
  [{ allOf: [{ type: 'object' }, { type: 'string' }] }],
  [{ anyOf: [{ type: 'string' }, { type: 'number' }] }],
  [{ oneOf: [{ type: 'string' }] }],
  [{ $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'string' } } }],
])('a schema that no object fits: %j', (spec) => {
  expect(() => parametersOf(spec)).toThrow(/expected type "object"/);
});

test.each([
  [{ const: {} }],
  [{ enum: ['a', {}] }],
  [{ anyOf: [{ type: 'string' }, { required: ['a'] }] }],
  [{ $ref: '#/$defs/a', $defs: { a: { $ref: '#' } } }],
  [{ $ref: 'https://example.com/schema' }],
])('a schema that an object may fit: %j', (spec) => {
  expect(parametersOf(spec)).toEqual(spec);
});

test.each(['http://json-schema.org/draft-04/schema#', 'http://json-schema.org/draft-06/schema#', 'http://json-schema.org/draft-07/schema#'])('%s ignores what stands beside $ref', ($schema) => {
  const validate = compileSchema({ $schema, properties: { a: { $ref: '#/definitions/text', minLength: 5 } }, definitions: { text: { type: 'string' } } });
  expect(validate({ a: 'x' }, 9)).toBeUndefined();
  expect(validate({ a: 5 }, 9)).toBeDefined();
});

test('if and then are of draft-07, so older drafts ignore them', () => {
  const schema = { properties: { a: { if: { type: 'string' }, then: { minLength: 5 } } } };
  expect(compileSchema({ $schema: 'http://json-schema.org/draft-06/schema#', ...schema })({ a: 'x' }, 9)).toBeUndefined();
  expect(compileSchema({ $schema: 'http://json-schema.org/draft-07/schema#', ...schema })({ a: 'x' }, 9)).toBeDefined();
});
