/** Schemas that were made, or have come, to take the host's time: each ends as a refusal, and the next one is as before. */
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { costOf } from '../../src/schema/cost.js';
import { compileSchema, type ValidationFailure } from '../../src/schema/index.js';
import { answerOf } from '../support/child.js';

const DRAFT_07 = { $schema: 'http://json-schema.org/draft-07/schema#' };
const lengthOf = (value: unknown): number => JSON.stringify(value).length;
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

function nested(depth: number, around: (inner: unknown) => unknown): unknown {
  let schema: unknown = { type: 'string' };
  for (let i = 0; i < depth; i++) schema = around(schema);
  return schema;
}

/** Twice as many ways as definitions lead from the first to the last. */
function fanOut(keyword: string, last: unknown): unknown {
  const next = (i: number): unknown => ({ [keyword]: times(2, () => ({ $ref: `#/$defs/d${i + 1}` })) });
  return { $ref: '#/$defs/d0', $defs: Object.fromEntries(times(41, (i) => [`d${i}`, i === 40 ? last : next(i)])) };
}

/** What every object has, as it was before any of these schemas. */
const surroundings = (): unknown => [Object, Array, Function, String, RegExp].map((type) => [Reflect.ownKeys(type), Reflect.ownKeys(type.prototype)]);
let before: unknown;
beforeAll(() => {
  before = surroundings();
});

afterEach(() => {
  expect(surroundings()).toEqual(before);
  for (const draft of [{}, DRAFT_07]) {
    for (const useDefaults of [true, false]) {
      // A new one each time, since those that are kept prove nothing.
      const schema = { ...draft, title: `${performance.now()}`, properties: { a: { $ref: '#/definitions/a' } }, definitions: { a: { type: 'string' } } };
      const validate = compileSchema(schema, { useDefaults });
      expect([validate({ a: 'x' }, 9), validate({ a: 1 }, 7)?.pointer]).toEqual([undefined, '/a']);
    }
  }
});

describe('a value whose check does not finish is refused', () => {
  const evil = `${'a'.repeat(60)}!`;
  test.each<[string, unknown, unknown, RegExp]>([
    ['a pattern', { pattern: '^(a+)+$' }, evil, /^a timeout after \d+ ms$/],
    ['a pattern of properties', { patternProperties: { '^(a+)+$': {} } }, { [evil]: 1 }, /^a timeout after \d+ ms$/],
    ['a pattern of names', { propertyNames: { pattern: '^(a+)+$' } }, { [evil]: 1 }, /^a timeout after \d+ ms$/],
    ['references that fan out, all of them', fanOut('allOf', true), {}, /^a timeout after \d+ ms$/],
    ['any of them', fanOut('anyOf', false), {}, /^a timeout after \d+ ms$/],
    ['one of them', fanOut('oneOf', { type: 'string' }), {}, /^a timeout after \d+ ms$/],
    ['each item against each', { uniqueItems: true }, times(100_000, (i) => ({ i })), /^a timeout after \d+ ms$/],
    ['a large schema for each part of a large value', { items: { enum: times(20_000, (i) => i) } }, times(50_000, () => 19_999), /^a timeout after \d+ ms$/],
    ['a reference to itself', { $ref: '#' }, {}, /call stack/],
    ['the same through another keyword', { allOf: [{ $ref: '#' }] }, {}, /call stack/],
    ['the same twice', { anyOf: [{ $ref: '#' }, { $ref: '#' }] }, {}, /call stack/],
    ['the same by a dynamic reference', { $dynamicAnchor: 'x', allOf: [{ $dynamicRef: '#x' }] }, {}, /call stack/],
  ])('%s', (_what, schema, value, found) => {
    const failure = compileSchema(schema)(value, lengthOf(value));
    expect(failure).toEqual({ pointer: '', expected: 'schema validation to finish', found: expect.stringMatching(found) });
  });

  test('a value that is nested too deep', () => {
    let value: unknown = {};
    for (let i = 0; i < 100_000; i++) value = { a: value };
    const failure = compileSchema({ properties: { a: { $ref: '#' } } })(value, 700_000);
    expect(failure).toMatchObject({ expected: 'schema validation to finish', found: expect.stringMatching(/call stack/) });
  });
});

describe('a schema that took too long', () => {
  test('is not used for a while, whatever the value, and then is again', () => {
    const validate = compileSchema({ pattern: '^(a+)+$' });
    let answer: ValidationFailure | undefined;
    // As long as it is asked later than its pause, it takes its time again, and the pause is longer.
    while (!answer?.found.includes('a recent timeout; retry in')) {
      validate(`${'a'.repeat(60)}!`, 63);
      answer = validate('aaa', 5);
    }
    while (answer?.found.includes('a recent timeout; retry in') === true) answer = validate('aaa', 5);
    expect(answer).toBeUndefined();
  });

  test('takes none of the others with it', () => {
    const schema = { pattern: '^(a+)+$' };
    const first = compileSchema(schema);
    const second = compileSchema(schema);
    expect(first(`${'a'.repeat(60)}!`, 63)).toBeDefined();
    expect(second('aaa', 5)).toBeUndefined();
  });
});

describe('what takes too long to compile, or too much, is refused', () => {
  const deep: [string, number][] = [['not', 600], ['not', 100_000], ['items', 3000], ['if', 3000], ['additionalProperties', 100_000]];
  const wide = { properties: Object.fromEntries(times(6000, (i) => [`p${i}`, { type: 'string', maxLength: i }])) };
  const chain = (length: number): object => Object.fromEntries(times(length, (i) => [`d${i}`, { $ref: `#/$defs/d${i + 1}` }]));
  test.each<[string, unknown, RegExp]>([
    ...deep.map(([keyword, depth]): [string, unknown, RegExp] => [`${keyword} ${depth} deep`, nested(depth, (inner) => ({ [keyword]: inner })), /too deep/]),
    ['contains 300 deep', nested(300, (inner) => ({ contains: inner })), /more than 1048576 characters of code/],
    ['6000 properties', wide, /too deep|takes longer|of code/],
    ['a definition of that size, again and again', { $defs: { wide }, allOf: times(100, () => ({ $ref: '#/$defs/wide' })) }, /too deep|takes longer|of code/],
    ['a chain of 5000 references', { $ref: '#/$defs/d0', $defs: { ...chain(5000), d5000: {} } }, /too deep/],
    ['references in a circle', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }, /too deep/],
    ['values that its draft wants compared each with each', { ...DRAFT_07, enum: times(30_000, (i) => ({ i })) }, /takes longer than 1000 ms to compile/],
    ['a long pattern', { pattern: '\\p{L}'.repeat(50_000) }, /a pattern of 250000 characters/],
    ['a long pattern of properties', { patternProperties: { ['a'.repeat(4097)]: {} } }, /a pattern of 4097 characters/],
    ['a $schema of another type', { $schema: { toString: 1 } }, /unknown \$schema/],
    ['an $id of another type', { $id: ['a'] }, /./],
    ['a reference to another computer', { $ref: 'https://example.com/schema.json' }, /can't resolve reference/],
    ['a reference to a file', { $ref: 'file:///etc/passwd' }, /can't resolve reference/],
    ['an asynchronous definition', { $defs: { a: { $id: 'https://example.com/a', $async: true } }, $ref: 'https://example.com/a' }, /async/],
  ])('%s', (_what, schema, reason) => {
    for (const useDefaults of [false, true]) expect(() => compileSchema(schema, { useDefaults })).toThrow(reason);
  });

  test('one that was stopped leaves nothing behind', () => {
    const left = { $id: 'https://example.com/left' };
    const stopped = { ...DRAFT_07, definitions: { a: left }, enum: times(30_000, (i) => ({ i })) };
    expect(() => compileSchema(stopped)).toThrow(/takes longer/);
    expect(() => compileSchema({ ...DRAFT_07, definitions: { a: {} }, $ref: left.$id })).toThrow(/can't resolve reference/);
  });

  test('$ids that lead to each other from one schema to the next', () => {
    const one = { ...DRAFT_07, $id: 'http://a/1', definitions: { a: { $id: 'http://a/2#/definitions/a' } } };
    const two = { ...DRAFT_07, $id: 'http://a/2', definitions: { a: { $id: 'http://a/1#/definitions/a' } } };
    for (const schema of [one, two]) compileSchema(schema);
    expect(() => compileSchema({ ...DRAFT_07, $ref: 'http://a/1#/definitions/a' })).toThrow(/can't resolve reference/);
  });
});

describe('prototypes stay as they are', () => {
  const polluting = '{"properties":{"polluted":{"default":1}}}';
  test.each([
    `{"properties":{"__proto__":${polluting}}}`,
    `{"properties":{"constructor":{"properties":{"prototype":${polluting}}}}}`,
    `{"additionalProperties":${polluting}}`,
    `{"dependentSchemas":{"__proto__":${polluting},"constructor":${polluting}}}`,
    '{"properties":{"a":{"default":{"__proto__":{"polluted":1}}}}}',
    '{"__proto__":{"type":"string"}}',
    '{"$ref":"#/__proto__"}',
    '{"$ref":"#/constructor/prototype"}',
    '{"$id":"a","$ref":"__proto__"}',
    '{"$defs":{"a":{"$id":"__proto__"},"b":{"$id":"constructor"}}}',
  ])('%s', (json) => {
    const value = JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":{}}}') as unknown;
    for (const given of [value, {}]) compileSchema(JSON.parse(json), { useDefaults: true })(given, 50);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('what is not costly', () => {
  test('a schema that refers to itself, for what is nested in itself', () => {
    const tree = { type: 'object', properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } }, required: ['name'] };
    for (const draft of [{}, DRAFT_07, { $id: '' }, { $id: 'https://example.com/tree' }]) {
      const validate = compileSchema({ ...draft, ...tree });
      const value = { name: 'a', children: [{ name: 'b' }, { name: 'c', children: [{ name: 'd' }] }] };
      expect(validate(value, lengthOf(value))).toBeUndefined();
      const wrong = { name: 'a', children: [{ name: 'b', children: [{ name: 1 }] }] };
      expect(validate(wrong, lengthOf(wrong))).toMatchObject({ pointer: '/children/0/children/0/name', expected: 'a string' });
    }
  });

  test('a large schema', () => {
    const validate = compileSchema({ properties: Object.fromEntries(times(500, (i) => [`p${i}`, { type: 'string', maxLength: 10 + i }])) });
    expect([validate({ p7: 'x' }, 10), validate({ p499: 1 }, 10)?.pointer]).toEqual([undefined, '/p499']);
  });

  test('a schema that is changed afterwards', () => {
    const schema = { type: 'object', properties: { mode: { enum: times(300, (i) => `m${i}`) } } };
    const validate = compileSchema(schema);
    schema.properties.mode.enum.fill('other');
    expect(validate({ mode: 'm5' }, 13)).toBeUndefined();
  });

  test('is not watched: a short schema of keywords that look at each thing once', () => {
    const schema = { type: 'object', properties: { name: { anyOf: [{ const: '"pattern":' }, { enum: ['$ref'] }] } }, additionalProperties: false };
    const cost = costOf(JSON.stringify(schema));
    expect([cost.compileMs, cost.checkMs(1000)]).toEqual([undefined, undefined]);
    expect(cost.checkMs(10_000_000)).toBeGreaterThan(0);
  });

  test.each(['pattern', 'patternProperties', '$ref', '$dynamicRef', '$recursiveRef', 'uniqueItems'])('is watched: %s anywhere', (keyword) => {
    const cost = costOf(JSON.stringify({ properties: { a: { items: [{ [keyword]: 'b' }] } } }));
    expect(cost.compileMs).toBeGreaterThan(0);
    expect(cost.checkMs(2)).toBeGreaterThan(0);
  });
});

test('an error quotes no more of a schema than a reader can take', () => {
  const validate = compileSchema({ required: ['x'.repeat(200_000)] });
  expect(validate({}, 2)?.expected.length).toBeLessThan(1000);
});

test('what was compiled is let go again, but for the last thousand', async () => {
  const script = `
    const { compile } = require('./build/modules/schema/compile.js');
    const made = Array.from({ length: 4000 }, (_, i) => new WeakRef(compile(JSON.stringify({ title: String(i), properties: { a: {} } }), false)));
    await pause(1); // a WeakRef holds until its turn is over
    gc();
    console.log(JSON.stringify(made.filter((one) => one.deref() !== undefined).length));`;
  // Some 256 are kept for who comes with the same.
  expect(await answerOf(script)).toBeLessThan(1500);
});
