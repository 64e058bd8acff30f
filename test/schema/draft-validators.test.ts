/** Schemas are checked against the schema of their draft by code that was made when the package was built. */
import { describe, expect, test } from '@jest/globals';
import { Ajv, type AnySchemaObject } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { compileSchema } from '../../src/schema/index.js';
import { answerOf } from '../support/child.js';

const SETTINGS = { strict: false, ownProperties: true, validateFormats: false, logger: false } as const;
const DRAFTS = [
  { name: '2020-12', $schema: 'https://json-schema.org/draft/2020-12/schema', ajv: new Ajv2020(SETTINGS) },
  { name: 'draft-07', $schema: 'http://json-schema.org/draft-07/schema', ajv: new Ajv(SETTINGS) },
];

const WRONG = [
  { type: 'strnig' },
  { type: [] },
  { properties: [] },
  { required: ['a', 'a'] },
  { minLength: -1 },
  { multipleOf: 0 },
  { pattern: 3 },
  { title: 5 },
  { $id: 5 },
  { allOf: [] },
  { allOf: [true, { anyOf: [{ enum: 1 }] }] },
  { not: { not: { if: 3 } } },
  { properties: { constructor: { type: 1 } } },
  JSON.parse('{ "properties": { "__proto__": { "type": "x" } } }') as object,
];

describe.each(DRAFTS)('$name', ({ $schema, ajv }) => {
  test.each(WRONG.map((schema): [string, object] => [JSON.stringify(schema), schema]))("refuses %s in Ajv's words", (_json, schema) => {
    expect(ajv.validateSchema(schema as AnySchemaObject)).toBe(false);
    const words = `schema is invalid: ${ajv.errorsText()}`;
    for (const useDefaults of [false, true]) expect(() => compileSchema({ ...schema, $schema }, { useDefaults })).toThrow(words);
  });

  test('takes its own schema, and a reference to it', () => {
    const own = ajv.getSchema($schema)?.schema as AnySchemaObject;
    expect(() => compileSchema(own)).not.toThrow();
    for (const useDefaults of [false, true, false]) {
      for (const $ref of [$schema, `${$schema}#`]) {
        const validate = compileSchema({ $schema, title: $ref, properties: { inner: { $ref } } }, { useDefaults });
        const pointers = [{ type: 'string' }, { type: 'strnig' }, { properties: { a: { minLength: 'x' } } }].map((inner) => validate({ inner }, 50)?.pointer);
        expect(pointers).toEqual([undefined, '/inner/type', '/inner/properties/a/minLength']);
      }
    }
  });
});

test("no process compiles a draft's schema: one that may generate no code still refuses a wrong schema for its fault", async () => {
  const schemas = DRAFTS.map(({ $schema }) => JSON.stringify({ $schema, type: 'strnig' }));
  const script = `
    const { compile } = require('./build/modules/schema/compile.js');
    const wordsOf = (schema) => { try { compile(schema, false); } catch ({ message }) { return message; } };
    console.log(JSON.stringify(${JSON.stringify(schemas)}.map(wordsOf)));`;
  const wrong = expect.stringContaining('schema is invalid: data/type must be');
  expect(await answerOf(script, { flags: ['--disallow-code-generation-from-strings'] })).toEqual([wrong, wrong]);
});
