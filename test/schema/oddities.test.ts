/** What schemas may hold that is rare: each has its effect, or is refused with a reason; none throws later, or hangs. */
import { describe, expect, test } from '@jest/globals';
import { compileSchema } from '../../src/schema/index.js';
import { definePlugin } from '../../src/plugin/define-plugin.js';
import { PluginRegistry } from '../../src/registry/plugin-registry.js';
import { errorOf } from '../support/host.js';

const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';
const DRAFT_2019 = 'https://json-schema.org/draft/2019-09/schema';
const verdicts = (schema: object | boolean, values: readonly unknown[]): boolean[] => {
  const judge = compileSchema(schema);
  return values.map((value) => judge(value, JSON.stringify(value).length) === undefined);
};

/** A registry in which one plugin offers tools with these schemas; every tool answers with its name. */
async function offering(schemas: Readonly<Record<string, unknown>>): Promise<PluginRegistry> {
  const registry = new PluginRegistry({ hostVersion: '1.0.0' });
  const register = (api: Parameters<Parameters<typeof definePlugin>[0]['register']>[0]): void => {
    for (const [name, parameters] of Object.entries(schemas)) api.registerTool({ name, parameters: parameters, call: () => name });
  };
  await registry.register(definePlugin({ id: 'odd', register }));
  await registry.initAll();
  return registry;
}

const answer = (registry: PluginRegistry, name: string, params: unknown): Promise<unknown> => {
  const tool = registry.tool(name);
  return tool === undefined ? Promise.reject(new Error(`no tool ${name}`)) : tool.call(params);
};

describe('references', () => {
  test.each([
    ['to itself', { $ref: '#' }],
    ['in allOf', { allOf: [{ $ref: '#' }] }],
  ])('a cycle of nothing but references judges no value: %s', (_what, schema) => {
    const failure = compileSchema(schema)({}, 2);
    expect(failure).toMatchObject({ expected: 'schema validation to finish', found: expect.stringContaining('call stack') });
  });

  test('two definitions that are nothing but references to each other are refused', () => {
    const schema = { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } };
    expect(() => compileSchema(schema)).toThrow(/nested too deep/);
  });

  test('a cycle through properties judges a tree', () => {
    const schema = { $ref: '#/$defs/node', $defs: { node: { type: 'object', properties: { kid: { $ref: '#/$defs/node' }, v: { type: 'number' } } } } };
    expect(verdicts(schema, [{ kid: { kid: { v: 1 } } }, { kid: { kid: { v: 'x' } } }])).toEqual([true, false]);
  });

  test.each([undefined, DRAFT_07])('definitions and $defs are both found: %s', ($schema) => {
    const text = { type: 'string' };
    const schema = { $schema, properties: { a: { $ref: '#/definitions/a' }, b: { $ref: '#/$defs/b' } }, definitions: { a: text }, $defs: { b: text } };
    expect(verdicts(schema, [{ a: 'x', b: 'x' }, { a: 1 }, { b: 1 }])).toEqual([true, false, false]);
  });

  test('what stands beside $ref counts since 2019-09, and has no effect before', () => {
    const beside = { $ref: '#/definitions/a', maxLength: 1 };
    const schema = { properties: { a: beside }, definitions: { a: { type: 'string' } } };
    expect(verdicts(schema, [{ a: 'x' }, { a: 'xx' }, { a: 1 }])).toEqual([true, false, false]);
  });

  test('a target that is missing or elsewhere is refused', () => {
    expect(() => compileSchema({ $ref: '#/$defs/none' })).toThrow(/can't resolve reference #\/\$defs\/none/);
    expect(() => compileSchema({ $ref: 'https://example.com/other.json' })).toThrow(/can't resolve reference https:\/\/example.com/);
  });

  test('$dynamicRef leads to the outermost $dynamicAnchor', () => {
    const tree = { $id: 'tree', $dynamicAnchor: 'node', type: 'object', properties: { v: true, kids: { items: { $dynamicRef: '#node' } } } };
    const strict = { $id: 'strict', $dynamicAnchor: 'node', $ref: 'tree', unevaluatedProperties: false, $defs: { tree } };
    expect(verdicts(strict, [{ kids: [{ v: 1 }] }, { kids: [{ other: 1 }] }])).toEqual([true, false]);
    expect(verdicts(tree, [{ kids: [{ other: 1 }] }])).toEqual([true]);
  });
});

describe('$id', () => {
  const of = (type: string): object => ({ $id: 'https://example.com/params.json', type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { $id: 'a.json', type } } });

  test('two capabilities of one plugin may have the same one: each has its own schema', async () => {
    const registry = await offering({ texts: of('string'), numbers: of('number') });
    expect([await answer(registry, 'texts', { a: 'x' }), await answer(registry, 'numbers', { a: 1 })]).toEqual(['texts', 'numbers']);
    expect(await errorOf(answer(registry, 'texts', { a: 1 }))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS' });
    expect(await errorOf(answer(registry, 'numbers', { a: 'x' }))).toMatchObject({ code: 'ERR_INVALID_PARAMETERS' });
    await registry.shutdownAll();
  });

  test('one may not lead to the schema of another capability', () => {
    compileSchema(of('string'));
    expect(() => compileSchema({ $ref: 'https://example.com/params.json' })).toThrow(/can't resolve reference/);
  });

  test('two different schemas of one $id inside one schema are refused', () => {
    expect(() => compileSchema({ $defs: { a: { $id: 'x.json', type: 'string' }, b: { $id: 'x.json', type: 'number' } } })).toThrow(/x\.json.*resolves to more than one schema/);
  });

  test('that of a draft itself spoils no other schema', () => {
    try {
      compileSchema({ $id: 'https://json-schema.org/draft/2020-12/schema', type: 'string' });
    } catch {
      // Refused or not: what counts is the next one.
    }
    expect(verdicts({ type: 'number' }, [1, 'x'])).toEqual([true, false]);
    expect(() => compileSchema({ type: 'nonsense' })).toThrow();
  });
});

test('an unknown $schema is refused by the name of its capability', async () => {
  const odd = { $schema: 'https://example.com/own', type: 'object' };
  const error = await errorOf(offering({ good: { type: 'object' }, odd }));
  expect(error).toMatchObject({ code: 'ERR_CAPABILITY_INVALID', capabilityName: 'odd', found: expect.stringContaining('unknown $schema "https://example.com/own"') });
});

test('parameters may be true, and not false', async () => {
  const registry = await offering({ anything: true });
  expect(await answer(registry, 'anything', { a: [1] })).toBe('anything');
  await registry.shutdownAll();
  expect(await errorOf(offering({ nothing: false }))).toMatchObject({ code: 'ERR_CAPABILITY_INVALID', capabilityName: 'nothing' });
});

test('properties may be true and false', () => {
  expect(verdicts({ properties: { yes: true, no: false } }, [{ yes: 1 }, { no: 1 }, {}])).toEqual([true, false, true]);
});

test('a large enum judges, and its failure stays short', () => {
  const schema = { enum: Array.from({ length: 5000 }, (_, i) => `value-${i}`) };
  expect(verdicts(schema, ['value-0', 'value-4999', 'value-5000'])).toEqual([true, true, false]);
  expect(compileSchema(schema)('other', 7)?.expected.length).toBeLessThan(600);
});

describe('keywords of some drafts', () => {
  test('unevaluatedProperties sees through $ref, allOf and if', () => {
    const schema = {
      $ref: '#/$defs/base',
      allOf: [{ properties: { b: true } }],
      if: { properties: { a: { const: 1 } }, required: ['a'] },
      then: { properties: { c: true } },
      unevaluatedProperties: false,
      $defs: { base: { properties: { a: true } } },
    };
    expect(verdicts(schema, [{ a: 1, b: 1, c: 1 }, { a: 2, c: 1 }, { d: 1 }])).toEqual([true, false, false]);
  });

  test.each([undefined, DRAFT_2019])('dependentRequired and dependentSchemas: %s', ($schema) => {
    const schema = { $schema, dependentRequired: { card: ['address'] }, dependentSchemas: { gift: { required: ['to'] } } };
    expect(verdicts(schema, [{ card: 1, address: 1 }, { card: 1 }, { gift: 1, to: 1 }, { gift: 1 }, {}])).toEqual([true, false, true, false, true]);
  });

  test('draft-07 has dependencies, and does not know unevaluatedProperties and dependentRequired', () => {
    expect(verdicts({ $schema: DRAFT_07, dependencies: { card: ['address'] } }, [{ card: 1, address: 1 }, { card: 1 }])).toEqual([true, false]);
    expect(verdicts({ $schema: DRAFT_07, unevaluatedProperties: false, dependentRequired: { a: ['b'] } }, [{ a: 1 }])).toEqual([true]);
  });

  test('prefixItems: 2020-12 has it, and draft-07 does not know it', () => {
    const tuple = { prefixItems: [{ type: 'string' }], items: { type: 'number' } };
    expect(verdicts(tuple, [['x', 1], [1], ['x', 'y']])).toEqual([true, false, false]);
    expect(verdicts({ $schema: DRAFT_07, ...tuple }, [[1, 2], ['x']])).toEqual([true, false]);
  });

  test('nullable adds null to a type, also inside', () => {
    const schema = { properties: { a: { type: 'string', nullable: true }, b: { items: { type: ['number', 'boolean'], nullable: true } } } };
    expect(verdicts(schema, [{ a: null }, { a: 1 }, { b: [null, 1, true] }, { b: ['x'] }])).toEqual([true, false, true, false]);
  });
});
