import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LoadError } from '../../src/errors/index.js';
import { relativePath } from '../../src/manifest/fields.js';
import { entryBytes, formatLock, parseLock, type Lock, type LockEntry } from '../../src/trust/index.js';

const sha256 = fc.stringMatching(/^[0-9a-f]{64}$/);
const name = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'hasOwnProperty', 'toString', 'é', 'e\u0301', '😀', '\uFFFD'),
  fc.stringMatching(/^[a-zA-Z0-9 _+=,;'()[\]{}@!#$%^&~-]{1,12}$/).filter((text) => text.trim() !== ''),
);
const filePath = fc
  .array(name, { minLength: 1, maxLength: 4 })
  .map((names) => names.join('/'))
  .filter((path) => relativePath.safeParse(path).success);
const files = fc.uniqueArray(fc.record({ path: filePath, sha256 }), { maxLength: 6, selector: (file) => file.path });
const id = fc.stringMatching(/^[a-z]{2}[a-z0-9]{1,8}$/);
const entry: fc.Arbitrary<LockEntry> = fc.record({ id, version: fc.constantFrom('0.0.1', '1.2.3-rc.1+5'), platform: fc.constantFrom('all', 'linux-x64'), files });
const lock: fc.Arbitrary<Lock> = fc
  .uniqueArray(entry, { maxLength: 5, selector: (one) => one.id })
  .map((plugins) => ({ lockVersion: 1, plugins }));

/** The lock, or the error that it is refused with; anything else thrown fails the test. */
function outcome(text: string): Lock | LoadError {
  try {
    return parseLock(text);
  } catch (error) {
    if (error instanceof LoadError && error.code === 'ERR_LOCK_FILE') return error;
    throw error;
  }
}

const byPath = (one: Lock): unknown =>
  one.plugins.map((plugin) => ({ ...plugin, files: new Map(plugin.files.map((file) => [file.path, file.sha256])) })).sort((a, b) => (a.id < b.id ? -1 : 1));

describe('the lock file', () => {
  test('reads back what it writes, and writes that the same', () => {
    fc.assert(
      fc.property(lock, (given) => {
        const text = formatLock(given);
        const read = parseLock(text);
        expect(byPath(read)).toEqual(byPath(given));
        expect(formatLock(read)).toBe(text);
      }),
    );
  });

  test('is read or refused, whatever was done to its text; what is read is a lock', () => {
    const damage = fc.record({ given: lock, at: fc.nat(), remove: fc.nat(20), insert: fc.oneof(fc.string(), fc.constantFrom('"__proto__":{},', 'null', '[', '1e999', '\0')) });
    fc.assert(
      fc.property(damage, ({ given, at, remove, insert }) => {
        const text = formatLock(given);
        const start = at % text.length;
        const result = outcome(text.slice(0, start) + insert + text.slice(start + remove));
        if ('plugins' in result) expect(outcome(formatLock(result))).not.toBeInstanceOf(LoadError);
      }),
      { numRuns: 500 },
    );
  });

  test('is read or refused, whatever JSON it is, and leaves the prototypes alone', () => {
    const before = Object.getOwnPropertyNames(Object.prototype).length;
    fc.assert(
      fc.property(fc.json(), fc.json(), (one, two) => {
        outcome(one);
        outcome(`{"lockVersion":1,"plugins":[${one},{"id":"x","version":"1.0.0","platform":"all","files":${two}}]}`);
      }),
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
  });
});

describe('the signed bytes', () => {
  test('are the same for the same plugin in any order, and of no other plugin', () => {
    const text = (one: LockEntry): string => formatLock({ lockVersion: 1, plugins: [one] });
    const pair = fc.tuple(entry, entry).chain(([one, two]) => fc.tuple(fc.constant(one), fc.constantFrom(two, { ...one, ...two, files: one.files }, { ...two, ...one })));
    fc.assert(
      fc.property(pair, ([one, other]) => {
        expect(entryBytes({ ...one, files: [...one.files].reverse() })).toEqual(entryBytes(one));
        expect(entryBytes(one).equals(entryBytes(other))).toBe(text(one) === text(other));
      }),
    );
  });
});
