import { describe, expect, test } from '@jest/globals';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DynamicPluginLoader } from '../../src/index.js';
import { entryBytes, signEntry, signPlugin, verifyEntry, verifyPlugin, type LockEntry, type TrustOptions } from '../../src/trust/index.js';
import { hostPlatform } from '../../src/trust/entry.js';
import { Trace } from '../../src/report/trace.js';
import { refusalOf, rejectionOf } from '../manifest/sample.js';
import { libraryFileName, temporaryFolder } from '../support/fixtures.js';
import { LIBRARY, admitted, makePlugin, refusal } from './plugin.js';

const author = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const pem = author.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const options = (changes: TrustOptions = {}): TrustOptions => ({ signatures: 'require', keys: [author.publicKey], copyDir: temporaryFolder(), ...changes });

const ENTRY: LockEntry = {
  id: 'weather',
  version: '1.4.0',
  platform: 'linux-x64',
  files: [
    { path: 'libweather.so', sha256: 'b'.repeat(64) },
    { path: 'aisopod.plugin.toml', sha256: 'a'.repeat(64) },
  ],
};

describe('a signature over an entry', () => {
  test('is made over the bytes that are documented', () => {
    const text = `aisopod-plugin entry 1\nid weather\nversion 1.4.0\nplatform linux-x64\n${'a'.repeat(64)}  aisopod.plugin.toml\n${'b'.repeat(64)}  libweather.so\n`;
    expect(entryBytes(ENTRY).toString()).toBe(text);
    expect(signEntry(ENTRY, author.privateKey)).toBe(sign(null, Buffer.from(text), author.privateKey).toString('base64'));
  });

  test('is verified by any one of several keys, as PEM or object', () => {
    const signature = signEntry(ENTRY, author.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    expect(verifyEntry(ENTRY, signature, [stranger.publicKey, pem])).toBe(true);
    expect(verifyEntry(ENTRY, signature, [author.publicKey])).toBe(true);
    expect(verifyEntry(ENTRY, signature, [stranger.publicKey])).toBe(false);
    expect(verifyEntry(ENTRY, signature, [])).toBe(false);
    expect(verifyEntry(ENTRY, 'no signature', [author.publicKey])).toBe(false);
  });

  test.each<[string, Partial<LockEntry>]>([
    ['id', { id: 'weather2' }],
    ['version', { version: '1.4.1' }],
    ['platform', { platform: 'all' }],
    ['files', { files: ENTRY.files.slice(1) }],
  ])('is of no entry with another %s', (_, change) => {
    expect(verifyEntry({ ...ENTRY, ...change }, signEntry(ENTRY, author.privateKey), [author.publicKey])).toBe(false);
  });

  test('wants Ed25519 keys, and never shows their text', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(refusalOf(() => signEntry(ENTRY, rsa.privateKey))).toMatchObject({ code: 'ERR_KEY', use: 'sign', found: 'a private key of type rsa' });
    expect(refusalOf(() => signEntry(ENTRY, author.publicKey))).toMatchObject({ code: 'ERR_KEY', found: 'a public key of type ed25519' });
    const error = refusalOf(() => signEntry(ENTRY, 'my secret'));
    expect(error).toMatchObject({ code: 'ERR_KEY' });
    expect(JSON.stringify(error)).not.toContain('my secret');
  });
});

describe('a signed plugin', () => {
  test('is loaded from a private copy that leaves the signature behind', async () => {
    const candidate = await makePlugin(temporaryFolder(), { 'data.txt': 'data' });
    expect(await signPlugin(candidate, author.privateKey)).toBe(path.join(candidate.path, 'aisopod.plugin.sig'));
    await verifyPlugin(candidate, [pem]);
    const { library, isCopy } = await admitted(candidate, options());
    expect(isCopy).toBe(true);
    const files = ['aisopod.plugin.toml', 'data.txt', LIBRARY].map((name) => path.join(path.dirname(library), name));
    for (const file of files) expect(readFileSync(file)).toEqual(readFileSync(path.join(candidate.path, path.basename(file))));
    // A library in it would be one that nobody verified.
    expect(() => readFileSync(path.join(path.dirname(library), 'aisopod.plugin.sig'))).toThrow('ENOENT');
  });

  test('can be signed again, and signing is no change', async () => {
    const candidate = await makePlugin(temporaryFolder());
    await signPlugin(candidate, stranger.privateKey);
    await signPlugin(candidate, author.privateKey);
    await expect(admitted(candidate, options())).resolves.toMatchObject({ isCopy: true });
  });

  test('is refused with a library that was changed or added, and says which', async () => {
    const candidate = await makePlugin(temporaryFolder());
    await signPlugin(candidate, author.privateKey);
    writeFileSync(path.join(candidate.path, LIBRARY), 'evil');
    const other = libraryFileName('other');
    writeFileSync(path.join(candidate.path, other), 'evil');
    const found = [`${LIBRARY} was changed`, `${other} was added`].sort();
    const error = await refusal(candidate, options());
    expect(error).toMatchObject({ code: 'ERR_SIGNATURE', step: 'trust', pluginId: 'weather', path: path.join(candidate.path, 'aisopod.plugin.sig') });
    expect('found' in error && String(error.found).split(', ').sort()).toEqual(found);
    expect(await rejectionOf(verifyPlugin(candidate, [pem]))).toMatchObject({ code: 'ERR_SIGNATURE' });
  });

  test('is refused with a signature of a stranger', async () => {
    const candidate = await makePlugin(temporaryFolder());
    await signPlugin(candidate, stranger.privateKey);
    expect(await refusal(candidate, options())).toMatchObject({ code: 'ERR_SIGNATURE', found: 'a signature by none of them' });
    await expect(admitted(candidate, options({ keys: [author.publicKey, stranger.publicKey] }))).resolves.toBeDefined();
  });

  test('is refused with a list of files that was brought up to date without the key', async () => {
    const candidate = await makePlugin(temporaryFolder());
    const file = await signPlugin(candidate, author.privateKey);
    writeFileSync(path.join(candidate.path, LIBRARY), 'evil');
    const text = readFileSync(file, 'utf8');
    const hash = (content: string): string => createHash('sha256').update(content).digest('hex');
    writeFileSync(file, text.replace(hash('code'), hash('evil')));
    expect(readFileSync(file, 'utf8')).not.toBe(text);
    expect(await refusal(candidate, options())).toMatchObject({ code: 'ERR_SIGNATURE', found: 'a signature by none of them' });
  });

  test('is refused with the signature of another plugin, version or platform of the same author', async () => {
    const candidate = await makePlugin(temporaryFolder());
    const file = await signPlugin(candidate, author.privateKey);
    const { entry } = JSON.parse(readFileSync(file, 'utf8')) as { entry: LockEntry };
    for (const [change, found] of [
      [{ id: 'other' }, 'one for other 1.4.0'],
      [{ version: '1.3.0' }, 'one for weather 1.3.0'],
      [{ platform: 'aix-ppc64' }, 'one for aix-ppc64'],
    ] as const) {
      const changed = { ...entry, ...change };
      writeFileSync(file, JSON.stringify({ signatureVersion: 1, entry: changed, signature: signEntry(changed, author.privateKey) }));
      expect(await refusal(candidate, options())).toMatchObject({ code: 'ERR_SIGNATURE', found });
    }
    expect(entry.platform).toBe(hostPlatform());
  });

  test('is refused without a signature, or with one that is none', async () => {
    const candidate = await makePlugin(temporaryFolder());
    expect(await refusal(candidate, options())).toMatchObject({ code: 'ERR_SIGNATURE', found: 'none' });
    const file = await signPlugin(candidate, author.privateKey);
    for (const text of ['', '{}', 'null', readFileSync(file, 'utf8').replace(/"signature": "[^"]+"/, '"signature": "x"')]) {
      writeFileSync(file, text);
      expect(await refusal(candidate, options())).toMatchObject({ code: 'ERR_LOCK_FILE', path: file });
    }
  });

  test('with warn is admitted, and the trace says what is wrong', async () => {
    const candidate = await makePlugin(temporaryFolder());
    const trace = new Trace();
    await expect(admitted(candidate, options({ signatures: 'warn' }), trace)).resolves.toMatchObject({ isCopy: false });
    expect(trace.entries).toContainEqual(expect.objectContaining({ check: 'signature', decision: 'noted', found: expect.stringContaining('ERR_SIGNATURE') }));
  });
});

describe("the host's own settings are judged when the loader is made", () => {
  const make = (trust: TrustOptions): (() => unknown) => () => new DynamicPluginLoader({ hostVersion: '1.0.0', trust });

  test.each<[string, TrustOptions, string]>([
    ['signatures without keys', { signatures: 'require' }, 'keys'],
    ['a key that is none', { keys: ['nonsense'] }, 'keys[0]'],
    ['a private key', { keys: [author.publicKey, author.privateKey] }, 'keys[1]'],
    ['a mistyped word', { locked: 'required' as never }, 'locked'],
  ])('%s', (_, trust, option) => {
    expect(refusalOf(make(trust))).toMatchObject({ code: 'ERR_TRUST_OPTIONS', step: 'trust', option });
  });

  test('good ones are taken', () => {
    expect(make({ signatures: 'warn', keys: [pem], locked: 'require', ownership: 'off', allow: [], deny: [] })).not.toThrow();
  });
});
