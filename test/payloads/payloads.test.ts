import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { HOOK_NAMES, manifestJsonSchema } from '../../src/manifest/index.js';
import { PAYLOADS } from '../../src/payloads/index.js';
import { misfitOf } from '../../src/payloads/misfit.js';
import { projectRoot } from '../support/fixtures.js';

const { renderSchemas, withSection } = (await import(pathToFileURL(path.join(projectRoot, 'scripts/payloads/render.mjs')).href)) as {
  readonly renderSchemas: (payloads: object, manifestSchema: object) => Readonly<Record<string, string>>;
  readonly withSection: (page: string, payloads: object) => string;
};

const ROWS = Object.entries(PAYLOADS);
const folder = path.join(projectRoot, 'schemas');

test('there is a payload for each hook, and for what channels and providers exchange', () => {
  expect(ROWS.map(([name]) => name)).toEqual([...HOOK_NAMES, 'channel-message', 'channel-receipt', 'provider-models', 'chat-request', 'chat-delta', 'chat-message']);
});

describe('the published files', () => {
  const files = renderSchemas(PAYLOADS, manifestJsonSchema());

  test('are those of the table, and no others', () => {
    expect(readdirSync(folder).sort()).toEqual(Object.keys(files).sort());
  });

  test.each(Object.keys(files))('%s is what scripts/docs-payloads.mjs writes', (name) => {
    expect(readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n')).toBe(files[name]);
  });

  test('docs/plugins.md has the examples', () => {
    const page = readFileSync(path.join(projectRoot, 'docs/plugins.md'), 'utf8').replaceAll('\r\n', '\n');
    expect(withSection(page, PAYLOADS)).toBe(page);
  });
});

describe.each(ROWS)('%s', (name, { schema, example }) => {
  const published = JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8')) as object;
  const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(published);

  test('the example fits, also with members that nobody knows', () => {
    const list = Array.isArray(example);
    const more = list ? example : { ...(example as object), xOwn: { of: 'the host' } };
    for (const value of [example, more, list ? [] : {}]) {
      expect(misfitOf(value, schema)).toBeUndefined();
      expect(validate(value)).toBe(list ? Array.isArray(value) : true);
    }
  });

  test('our check agrees with Ajv on the published schema, whatever stands in place of one value', () => {
    const verdicts = new Set<boolean>();
    const odd = fc.constantFrom<unknown>(null, true, 0, 1.5, -1, '', 'text', 'user', [], {}, ['a'], [{}], [1], { role: 5 }, { id: 1 }, { name: [] });
    fc.assert(
      fc.property(fc.nat(), odd, (place, value) => {
        const changed = withValueAt(example, place, value);
        const fits = validate(changed);
        verdicts.add(fits);
        const misfit = misfitOf(changed, schema);
        expect(misfit === undefined).toBe(fits);
        if (misfit !== undefined) expect(validate.errors?.map(({ instancePath }) => instancePath)).toContain(misfit.pointer);
      }),
      { numRuns: 400 },
    );
    expect(verdicts).toEqual(new Set([true, false]));
  });
});

/** The example with the value at one of its places, the whole included, replaced. */
function withValueAt(example: unknown, place: number, value: unknown): unknown {
  const places: (readonly string[])[] = [];
  const visit = (at: unknown, path: readonly string[]): void => {
    places.push(path);
    if (typeof at === 'object' && at !== null) for (const [key, inner] of Object.entries(at)) visit(inner, [...path, key]);
  };
  visit(example, []);
  const copy = { whole: structuredClone(example) } as Record<string, unknown>;
  const route = ['whole', ...(places[place % places.length] ?? [])];
  let holder: Record<string, unknown> = copy;
  for (const key of route.slice(0, -1)) holder = holder[key] as Record<string, unknown>;
  holder[route.at(-1) ?? ''] = value;
  return copy.whole;
}

test('a misfit names the place, what was expected and what was found, cut', () => {
  const { schema } = PAYLOADS.BeforeMessageSend;
  expect(misfitOf({ message: { sender: { id: 5 } } }, schema)).toEqual({ pointer: '/message/sender/id', expected: 'a string', found: '5' });
  expect(misfitOf({ message: { media: [{}, { type: 'hologram' }] } }, schema)).toEqual({ pointer: '/message/media/1/type', expected: 'one of image, audio, video, document', found: '"hologram"' });
  expect(misfitOf({ channel: ['x'] }, schema)).toMatchObject({ pointer: '/channel', found: 'an array' });
  expect(misfitOf({ channel: null }, schema)).toMatchObject({ found: 'null' });
  expect(misfitOf([{ name: 'x' }], PAYLOADS['provider-models'].schema)).toEqual({ pointer: '/0', expected: 'the required key "id"', found: 'an object without it' });
  expect(misfitOf('x'.repeat(500), schema)?.found).toHaveLength(61);
  expect(misfitOf(7n, schema)).toMatchObject({ expected: 'an object', found: '7' });
});

test('a value counts as the JSON that it becomes', () => {
  const { schema } = PAYLOADS['channel-message'];
  expect(misfitOf({ timestamp: new Date(0), text: undefined }, schema)).toBeUndefined();
  expect(misfitOf({ text: { toJSON: () => 5 } }, schema)).toMatchObject({ pointer: '/text', found: '5' });
  expect(misfitOf(Object.create({ text: 5 }), schema)).toBeUndefined();
});
