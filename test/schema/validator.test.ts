import { describe, expect, test } from '@jest/globals';
import { compileSchema, type ValidationFailure } from '../../src/schema/index.js';

/** A validator that measures each value by itself. */
function compile(schema: unknown, options?: { readonly useDefaults: boolean }): (value: unknown) => ValidationFailure | undefined {
  const validate = compileSchema(schema, options);
  return (value) => validate(value, (JSON.stringify(value) ?? '').length);
}

const SCHEMA = {
  type: 'object',
  properties: {
    city: { type: 'string', maxLength: 10 },
    days: { type: 'integer', minimum: 1 },
    stops: { type: 'array', items: { type: 'object', properties: { 'a/b~c': { type: 'boolean' } } } },
  },
  required: ['city'],
  additionalProperties: false,
};

describe('a value that does not fit', () => {
  const validate = compile(SCHEMA);

  test.each([
    ['a missing member', {}, '', 'the required key "city"', 'an object without it'],
    ['a wrong type', { city: 5 }, '/city', 'a string', '5'],
    ['a number out of bounds', { city: 'Oslo', days: 0 }, '/days', 'at least 1', '0'],
    ['an unknown member', { city: 'Oslo', town: 1 }, '', 'only known keys (city, days, stops)', 'the unknown key "town"'],
    ['a member deep inside', { city: 'Oslo', stops: [{}, { 'a/b~c': null }] }, '/stops/1/a~1b~0c', 'true or false', 'null'],
    ['no object at all', [], '', 'an object', 'an array'],
    ['nothing', undefined, '', 'an object', 'undefined'],
  ])('%s', (_what, value, pointer, expected, shown) => {
    expect(validate(value)).toMatchObject({ pointer, expected, found: shown });
  });

  test('the key that is missing or unknown', () => {
    expect([validate({})?.key, validate({ city: 'Oslo', town: 1 })?.key, validate([])?.key]).toEqual(['city', 'town', undefined]);
  });

  test.each([
    [{ type: ['string', 'null'] }, 1, 'a string or null'],
    [{ enum: ['a', 1] }, 'b', 'one of "a", 1'],
    [{ const: 'a' }, 'b', '"a"'],
    [{ maximum: 2 }, 3, 'at most 2'],
    [{ exclusiveMinimum: 2 }, 2, 'more than 2'],
    [{ exclusiveMaximum: 2 }, 2, 'less than 2'],
    [{ multipleOf: 2 }, 3, 'a multiple of 2'],
    [{ minLength: 1 }, '', 'at least 1 character'],
    [{ maxLength: 2 }, 'abc', 'at most 2 characters'],
    [{ pattern: '^a' }, 'b', 'a string that matches ^a'],
    [{ minItems: 1 }, [], 'at least 1 item'],
    [{ prefixItems: [{}], items: false }, [1, 2], 'at most 1 item'],
    [{ uniqueItems: true }, [1, 2, 1], 'no equal items (items 0 and 2 are equal)'],
    [{ minProperties: 1 }, {}, 'at least 1 key'],
    [{ not: { type: 'string' } }, '', 'a value that does not fit the schema in "not"'],
    [{ dependentRequired: { a: ['b'] } }, { a: 1 }, 'the required key "b", because "a" is present'],
    [{ propertyNames: { maxLength: 1 } }, { ab: 1 }, 'only keys that are at most 1 character'],
    [{ properties: { a: {} }, unevaluatedProperties: false }, { b: 1 }, 'only known keys'],
    [{ additionalProperties: false }, { b: 1 }, 'only known keys (none)'],
    [{ $defs: { x: { additionalProperties: false, properties: { c: {} } } }, additionalProperties: { $ref: '#/$defs/x' } }, { a: { b: 1 } }, 'only known keys'],
  ])('%j in plain English', (schema, value, expected) => {
    expect(compile(schema)(value)).toMatchObject({ expected });
  });

  test('a long value is cut', () => {
    expect(validate({ city: 'x'.repeat(1000) })?.found).toHaveLength(61);
  });
});

test('a value that fits', () => {
  expect(compile(SCHEMA)({ city: 'Oslo', days: 2, stops: [{ 'a/b~c': true }] })).toBeUndefined();
});

test('draft 2020-12 where the schema names no draft, with lists as items as in draft-07', () => {
  const pair = { type: 'array', items: [{ type: 'string' }, { type: 'number' }] };
  const draft07 = compile({ $schema: 'http://json-schema.org/draft-07/schema#', ...pair });
  expect(draft07(['a', 1])).toBeUndefined();
  expect(draft07(['a', 'b'])?.pointer).toBe('/1');
  expect(compile(pair)(['a', 'b'])?.pointer).toBe('/1');
  const draft2020 = compile({ type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }] });
  expect(draft2020(['a', 'b'])?.pointer).toBe('/1');
});

test('a boolean schema', () => {
  expect(compile(true)({ anything: 1 })).toBeUndefined();
  expect(compile(false)({})).toMatchObject({ pointer: '' });
});

test.each([
  ['null', null],
  ['a text', 'object'],
  ['a list', []],
  ['an unknown type', { type: 'strnig' }],
  ['an asynchronous schema', { $async: true, type: 'string' }],
  ['a dangling reference', { $ref: '#/$defs/nobody' }],
  ['a pattern that is no regular expression', { type: 'string', pattern: '(' }],
  ['an unknown draft', { $schema: 'https://example.com/my-own-draft' }],
])('no valid schema: %s', (_what, schema) => {
  expect(() => compile(schema)).toThrow();
});

test('one schema that is refused does not spoil the next', () => {
  const broken = { $id: 'https://example.com/same', type: 'strnig' };
  expect(() => compile(broken)).toThrow();
  expect(() => compile(broken)).toThrow(/type/);
  expect(compile({ $id: 'https://example.com/same', type: 'string' })('text')).toBeUndefined();
});

test('two plugins with the same $id keep their own schemas', () => {
  const first = compile({ $id: 'https://example.com/params', type: 'string' });
  const second = compile({ $id: 'https://example.com/params', type: 'number' });
  expect([first('a'), first(1) === undefined, second(1), second('a') === undefined]).toEqual([undefined, false, undefined, false]);
});

test.each(['https://json-schema.org/draft/2020-12/schema', 'http://json-schema.org/draft-07/schema'])(
  'a schema with the $id of a draft takes nothing away: %s',
  ($id) => {
    const $schema = $id.includes('07') ? { $schema: 'http://json-schema.org/draft-07/schema#' } : {};
    compile({ ...$schema, $id, type: 'string' });
    expect(compile({ ...$schema, title: 'the next', type: 'number' })('a')).toMatchObject({ expected: 'a number' });
    expect(() => compile({ ...$schema, title: 'one more', type: 'strnig' })).toThrow(/type/);
  },
);

test('references inside a schema', () => {
  const validate = compile({ $defs: { name: { type: 'string' } }, properties: { a: { $ref: '#/$defs/name' } } });
  expect(validate({ a: 1 })).toMatchObject({ pointer: '/a', expected: 'a string' });
});

test('defaults are filled in where that was asked for, each value its own', () => {
  const schema = { type: 'object', properties: { list: { type: 'array', default: [] }, greeting: { type: 'string', default: 'hello' } } };
  const first: Record<string, unknown> = {};
  const second: Record<string, unknown> = {};
  const fill = compile(schema, { useDefaults: true });
  expect([fill(first), fill(second)]).toEqual([undefined, undefined]);
  (first.list as unknown[]).push('mine');
  expect([first, second]).toEqual([{ list: ['mine'], greeting: 'hello' }, { list: [], greeting: 'hello' }]);

  const untouched = {};
  expect(compile(schema)(untouched)).toBeUndefined();
  expect(untouched).toEqual({});
});

test.each([{}, { a: 1 }, [], null, undefined, 'text', 1, true])('any object is judged without a compiler as with one: %j', (value) => {
  expect(compile({ type: 'object' })(value)).toEqual(compile({ type: 'object', title: 'compiled' })(value));
});
