import { afterAll, describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LoadError } from '../../src/errors/index.js';
import { MAX_MANIFEST_BYTES, parseManifest, readManifest } from '../../src/manifest/index.js';
import { MINIMAL, problemsIn, refusalOf, rejectionOf } from './sample.js';

interface Expected {
  readonly code: string;
  readonly problems: readonly Readonly<Record<string, unknown>>[];
}

const folder = join(process.cwd(), 'test', 'corpus', 'manifest');
const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as Record<string, Expected | 'accepted'>;

/** What hostile keys could write to: Object itself, and what plain values inherit from. */
const BUILT_INS = { Object, ObjectPrototype: Object.prototype, Array: Array.prototype, Function: Function.prototype, String: String.prototype, Number: Number.prototype, Date: Date.prototype };

function properties(): Map<string, readonly unknown[]> {
  const all = Object.entries(BUILT_INS).flatMap(([name, owner]) =>
    Reflect.ownKeys(owner).map((key) => [`${name} ${String(key)}`, Object.values(Object.getOwnPropertyDescriptor(owner, key) ?? {})] as const),
  );
  return new Map(all);
}

const before = properties();

/** The built-in properties that are no longer what they were, or are new, or gone. */
function touched(): string[] {
  const now = properties();
  const names = new Set([...before.keys(), ...now.keys()]);
  const same = (a?: readonly unknown[], b?: readonly unknown[]) => a?.length === b?.length && a?.every((value, i) => Object.is(value, b?.[i]));
  return [...names].filter((name) => !same(before.get(name), now.get(name)));
}

function expectUntouched(): void {
  expect(touched()).toEqual([]);
  expect(parseManifest(MINIMAL).plugin.id).toBe('weather');
}

afterAll(expectUntouched);

test('the check for touched built-ins sees a new property and a changed one', () => {
  const { value } = Object.getOwnPropertyDescriptor(Object.prototype, 'toString') as { value: unknown };
  try {
    Object.assign(Object.prototype, { polluted: 1, toString: () => '' });
    expect(touched().sort()).toEqual(['ObjectPrototype polluted', 'ObjectPrototype toString']);
  } finally {
    Object.assign(Object.prototype, { toString: value });
    Reflect.deleteProperty(Object.prototype, 'polluted');
  }
  expectUntouched();
});

describe('each file of the corpus ends as its index says', () => {
  test('the index names every file', () => {
    expect(readdirSync(folder).filter((name) => name.endsWith('.toml')).sort()).toEqual(Object.keys(index).sort());
  });

  test.each(Object.entries(index))('%s', async (name, expected) => {
    const path = join(folder, name);
    if (expected === 'accepted') {
      await expect(readManifest(path)).resolves.toMatchObject({ plugin: { id: 'weather', entryPoint: 'weather' } });
    } else {
      const error = await rejectionOf(readManifest(path));
      expect({ code: error.code, path: error.path }).toEqual({ code: expected.code, path });
      const found = problemsIn(error).map(({ key, line = null, column = null, message, expected, found }) => ({ key, line, column, message, expected, found }));
      expect(found).toEqual(expected.problems);
    }
    expectUntouched();
  });
});

describe('every name of Object.prototype is refused in every position', () => {
  const names = Object.getOwnPropertyNames(Object.prototype);
  const escaped = (name: string) => `"${[...name].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`;
  const positions: Record<string, (key: string) => string> = {
    table: (key) => `[${key}]\ncall = 1`,
    'table path': (key) => `[a.${key}.b]`,
    'list of tables': (key) => `[[${key}]]\ncall = 1`,
    'list of tables, path': (key) => `[[a.${key}.b]]`,
    assignment: (key) => `${key} = 1`,
    'dotted assignment, first': (key) => `${key}.a = 1`,
    'dotted assignment, last': (key) => `a.${key} = 1`,
    'inline table': (key) => `a = { ${key} = 1 }`,
    'inline table, dotted': (key) => `a = { b.${key}.c = 1 }`,
    'inline table in a list': (key) => `a = [[{ ${key} = {} }]]`,
  };
  test.each(Object.keys(positions))('%s', (position) => {
    for (const name of names) {
      for (const key of [name, `"${name}"`, `'${name}'`, escaped(name)]) {
        const [problem] = problemsIn(refusalOf(() => parseManifest(positions[position]?.(key) ?? '')));
        expect(problem).toMatchObject({ message: 'the key is not allowed', found: JSON.stringify(name), line: 1 });
      }
    }
    expectUntouched();
  });
});

describe('size and depth', () => {
  const padded = (bytes: number) => `${MINIMAL}#${'x'.repeat(bytes - MINIMAL.length - 1)}`;

  test('64 KiB are read, one byte more is not', () => {
    expect(Buffer.byteLength(padded(MAX_MANIFEST_BYTES))).toBe(65_536);
    expect(parseManifest(padded(MAX_MANIFEST_BYTES)).plugin.id).toBe('weather');
    const [problem] = problemsIn(refusalOf(() => parseManifest(padded(MAX_MANIFEST_BYTES + 1))));
    expect(problem).toMatchObject({ expected: 'at most 65536 bytes', found: '65537 bytes' });
  });

  test('the limit counts bytes, not characters', () => {
    const text = `${MINIMAL}#${'ü'.repeat(40_000)}`;
    expect(problemsIn(refusalOf(() => parseManifest(text)))[0]).toMatchObject({ message: 'the file is too large' });
  });

  const full = (unit: string, around = '') => around + unit.repeat(Math.floor((MAX_MANIFEST_BYTES - 100) / unit.length));
  const recipes: Record<string, string> = {
    'open lists': full('[', 'a = '),
    'lists that close': `a = ${'['.repeat(32_000)}${']'.repeat(32_000)}`,
    'open headers': full('['),
    'open inline tables': full('{a=', 'a = '),
    'inline tables that close': `a = ${'{a='.repeat(16_000)}1${'}'.repeat(16_000)}`,
    'a dotted key': `${full('a.')}a = 1`,
    'a dotted header': `[${full('a.')}a]`,
    'a dotted list header': `[[${full('a.')}a]]`,
    'dotted keys in inline tables': full('{a.a.a.a=', 'a = '),
    'a dotted key twice': `${'a.'.repeat(16_000)}a = 1\n${'a.'.repeat(16_000)}a = 1`,
    'a prototype key far down': `${full('a.')}__proto__ = 1`,
    'many headers': full('[[a]]\n'),
    'many unknown keys': Array.from({ length: 5_000 }, (_, i) => `x${i}=1`).join('\n'),
    'many wrong names': `${MINIMAL}[capabilities]\ntools = [${full('1,').slice(0, 60_000)}]`,
    'many equal names': `${MINIMAL}[capabilities]\ntools = [${'"a",'.repeat(1_000)}]`,
    'a key of 64 KiB': `${full('a')} = 1`,
    'a version of 64 KiB': MINIMAL.replace('1.4.0', `1.4.0-${'0'.repeat(60_000)}`),
    'a version of 64 KiB of dots': MINIMAL.replace('1.4.0', `1.4.0-${'a.'.repeat(30_000)}`),
    'an entry point of 64 KiB of dots': MINIMAL.replace('entry_point = "weather"', `entry_point = "${'. '.repeat(30_000)}"`),
    'a schema path of 64 KiB': `${MINIMAL}[config]\nschema = "${'a/'.repeat(30_000)}"`,
  };
  test.each(Object.keys(recipes))('%s: a typed error with a message that can be read', (recipe) => {
    const text = recipes[recipe] ?? '';
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_MANIFEST_BYTES);
    const error = refusalOf(() => parseManifest(text));
    expect(error.code).toBe('ERR_MANIFEST');
    expect(error.message.length).toBeLessThan(10_000);
    expect(problemsIn(error).length).toBeGreaterThan(0);
  });

  test('all of many problems are there; the message names ten', () => {
    const error = refusalOf(() => parseManifest(recipes['many unknown keys'] ?? ''));
    expect(problemsIn(error)).toHaveLength(5_001);
    expect(error.message).toMatch(/; and 4991 more$/);
    expect(error).toBeInstanceOf(LoadError);
  });
});
