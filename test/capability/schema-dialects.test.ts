/** Schemas as they are found in the world: several drafts, patterns without the u flag, decimal fractions. */
import { describe, expect, test } from '@jest/globals';
import { parametersOf } from '../../src/capability/spec.js';
import { compileSchema } from '../../src/capability/validator.js';

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
