import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import semver from 'semver';
import { LoadError } from '../../src/errors/index.js';
import { HOOK_NAMES, manifestJsonSchema, parseManifest } from '../../src/manifest/index.js';
import { thorough } from '../support/thorough.js';
import { MINIMAL } from './sample.js';

type Section = Record<string, unknown>;
type File = Record<string, Section>;

/** JSON's strings are TOML's basic strings, but for DEL. */
const literal = (value: unknown): string => JSON.stringify(value).replaceAll('\x7f', '\\u007f');

function toToml(file: File): string {
  return Object.entries(file)
    .map(([name, section]) => [`[${name}]`, ...Object.entries(section).map(([key, value]) => `${key} = ${literal(value)}`)].join('\n'))
    .join('\n\n');
}

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((s) => s.trim() !== '' && !/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(s));
const id = fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$/).filter((s) => !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/.test(s));
const number = fc.nat().map(String);
const version = fc
  .tuple(number, number, number, fc.constantFrom('', '-rc.1', '-0', '-alpha.beta', '+build.01', '-x.7+y'))
  .map(([major, minor, patch, rest]) => `${major}.${minor}.${patch}${rest}`);
const names = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/), { maxLength: 5 });

const manifestFile: fc.Arbitrary<File> = fc
  .record({
    plugin: fc.record({ id, name: text, version, description: text, author: text, entry_point: fc.stringMatching(/^[a-z]{3}[A-Za-z0-9_+-]{1,60}$/) }),
    capabilities: fc.record({ tools: names, commands: names, hooks: fc.subarray([...HOOK_NAMES]), channels: names, providers: names }),
    range: fc.tuple(version, version).map((pair) => pair.sort(semver.compare)),
    abi: fc.integer({ min: 1, max: 0xffffffff }),
    schema: fc.array(fc.stringMatching(/^[a-z0-9_]{1,10}$/), { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/')),
  })
  .map(({ plugin, capabilities, range: [min, max], abi, schema }) => ({
    plugin,
    capabilities,
    compatibility: { min_host_version: min, max_host_version: max, abi },
    config: { schema },
  }));

/** A Manifest or a LoadError; whatever else is thrown fails the property. */
function outcomeOf(source: string): 'accepted' | 'refused' {
  try {
    const { plugin } = parseManifest(source, { hostVersion: '1.0.0' });
    expect(typeof plugin.id).toBe('string');
    return 'accepted';
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    expect(['ERR_MANIFEST', 'ERR_VERSION_COMPATIBILITY']).toContain(error.code);
    expect(error.hint).not.toBe('');
    return 'refused';
  }
}

describe('any text is a manifest or a LoadError', () => {
  test('any characters', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (source) => void outcomeOf(source)), { numRuns: thorough(2_000, 500) });
  });

  test('the words of TOML in any order', () => {
    const word = fc.constantFrom(...'[ ] [[ ]] { } = . , # " \' """ \'\'\' \\ \\u0041 \n \r\n - + _ 0x 0b 0o e T : Z 07:32:00 1979-05-27 9223372036854775808 -0 1e400 nan inf true false a plugin id tools __proto__'.split(' '), ' ', '[plugin]\n', '[compatibility]\n', 'a = ');
    fc.assert(fc.property(fc.array(word, { maxLength: 40 }), (words) => void outcomeOf(words.join(''))), { numRuns: thorough(10_000, 2_500) });
  });

  test('a good manifest with a piece cut out and another put in', () => {
    const piece = fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('"', '\n', '[', ']', '[[', '{', '=', '.', '#', '\\', '"""'));
    const place = fc.nat({ max: MINIMAL.length });
    fc.assert(
      fc.property(place, fc.nat({ max: 8 }), piece, (start, length, put) => void outcomeOf(MINIMAL.slice(0, start) + put + MINIMAL.slice(start + length))),
      { numRuns: thorough(5_000, 1_250) },
    );
  });
});

test('a sound manifest comes back with the values that were written', () => {
  fc.assert(
    fc.property(manifestFile, (file) => {
      const manifest = parseManifest(toToml(file));
      const { entry_point: entryPoint, ...plugin } = file.plugin ?? {};
      const { min_host_version: minHostVersion, max_host_version: maxHostVersion, abi } = file.compatibility ?? {};
      expect(manifest).toEqual({
        plugin: { ...plugin, entryPoint },
        capabilities: file.capabilities,
        compatibility: { minHostVersion, maxHostVersion, abi },
        config: file.config,
      });
    }),
    { numRuns: 300 },
  );
});

describe('the published JSON Schema', () => {
  const validate = new Ajv2020({ strict: true }).compile(manifestJsonSchema());

  test('agrees with the parser, whatever is put in place of one value', () => {
    const hostile = ['', ' ', '..', 'a/b', 'a\\b', 'C:a', 'CON', 'aux.x', 'v1.0.0', '1.0', '1.0.0', '01.0.0', '99999999999999999.0.0', 'a b', 'é', 'OnSessionEnd', 'a\u202eb', 'a\u0000'];
    const value = fc.oneof(fc.constantFrom<unknown>(...hostile), fc.integer(), fc.boolean(), fc.array(fc.constantFrom(...hostile)), text, fc.string({ maxLength: 300, minLength: 200 }));
    const place = fc.constantFrom('plugin', 'capabilities', 'compatibility', 'config').chain((section) => fc.tuple(fc.constant(section), fc.nat(), fc.boolean()));
    const verdicts = new Set<boolean>();
    fc.assert(
      fc.property(manifestFile, place, value, (file, [section, nth, rename], put) => {
        // One bound alone: that one is not above the other is what the schema cannot say.
        const { min_host_version, abi } = file.compatibility ?? {};
        const changed: File = { ...file, compatibility: { min_host_version, abi } };
        const keys = Object.keys(changed[section] ?? {});
        const key = rename ? 'other' : (keys[nth % keys.length] ?? 'other');
        changed[section] = { ...changed[section], [key]: put };
        const valid = validate(changed);
        verdicts.add(valid);
        let accepted = true;
        try {
          parseManifest(toToml(changed));
        } catch {
          accepted = false;
        }
        expect(accepted).toBe(valid);
      }),
      { numRuns: thorough(2_000, 500) },
    );
    expect(verdicts).toEqual(new Set([true, false]));
  });

  test('needs the six keys of [plugin] and nothing else', () => {
    const plugin = { id: 'a', name: 'A', version: '1.0.0', description: 'd', author: 'b', entry_point: 'a' };
    expect(validate({ plugin })).toBe(true);
    for (const key of Object.keys(plugin)) expect(validate({ plugin: { ...plugin, [key]: undefined } })).toBe(false);
  });
});
