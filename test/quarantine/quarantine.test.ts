import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Quarantine } from '../../src/quarantine/index.js';
import { rejectionOf } from '../manifest/sample.js';
import { startProcess } from '../trust/host-process.js';
import { temporaryFolder } from '../support/fixtures.js';
import { asRoot, makePlugin, onPosix } from '../trust/plugin.js';
import { CRASH, KEY, OTHER_KEY, builtQuarantine, filesOf, modeOf, quarantineAt } from './state.js';

const DAY = 24 * 60 * 60 * 1000;

describe('a crash', () => {
  test('is remembered by the key of the bytes, with all that is known of it, by hosts that start later', async () => {
    const stateDir = temporaryFolder();
    const { quarantine, clock } = quarantineAt(stateDir);
    expect(await quarantine.check(KEY)).toBeUndefined();
    quarantine.add(KEY, CRASH);
    clock.now += 5;
    quarantine.add(KEY, { ...CRASH, signal: null, exitCode: 3, reason: 'exited with code 3', during: 'tool forecast' });
    const later = new Quarantine({ stateDir, now: () => clock.now });
    expect(await later.check(KEY)).toEqual({
      key: KEY,
      pluginId: 'weather',
      path: '/plugins/weather',
      signal: null,
      exitCode: 3,
      reason: 'exited with code 3',
      during: 'tool forecast',
      first: 1_000_000,
      last: 1_000_005,
      count: 2,
      until: 1_000_005 + DAY,
    });
    expect(await later.check(OTHER_KEY)).toBeUndefined();
  });

  test('keeps the plugin from being loaded, with an error that says how it comes back', async () => {
    const stateDir = temporaryFolder();
    const candidate = await makePlugin(temporaryFolder());
    const { quarantine } = quarantineAt(stateDir);
    await quarantine.admit(KEY, candidate);
    quarantine.add(KEY, CRASH);
    quarantine.add(KEY, CRASH);
    const error = await rejectionOf(quarantine.admit(KEY, candidate));
    expect(error).toMatchObject({
      code: 'ERR_QUARANTINED',
      step: 'trust',
      pluginId: 'weather',
      path: candidate.path,
      signal: 'SIGSEGV',
      exitCode: null,
      during: 'init',
      count: 2,
      since: 1_000_000,
      until: 1_000_000 + DAY,
      release: `aisopod-plugin release weather --state-dir ${stateDir}`,
    });
    expect(error.message).toBe(
      `plugin weather: in quarantine from 1970-01-01T00:16:40.000Z to 1970-01-02T00:16:40.000Z: its process was killed by SIGSEGV during init (2 times) (${candidate.path})`,
    );
    expect(error.hint).toContain(`or after: aisopod-plugin release weather --state-dir ${stateDir}`);
    await quarantine.admit(OTHER_KEY, candidate);
  });

  test('counts until it expires, each by itself, and its file goes then', async () => {
    const stateDir = temporaryFolder();
    const { quarantine, clock } = quarantineAt(stateDir, 100);
    quarantine.add(KEY, CRASH);
    clock.now += 60;
    quarantine.add(KEY, { ...CRASH, during: 'shutdown' });
    quarantine.add(OTHER_KEY, CRASH);
    clock.now += 40;
    expect(await quarantine.list()).toMatchObject([
      { key: KEY, count: 1, during: 'shutdown', first: 1_000_060, until: 1_000_160 },
      { key: OTHER_KEY, count: 1 },
    ]);
    expect(filesOf(stateDir, 'quarantine')).toHaveLength(2);
    clock.now += 60;
    expect(await quarantine.check(KEY)).toBeUndefined();
    expect(filesOf(stateDir, 'quarantine')).toEqual([]);
  });

  test.each([
    ['an hour', DAY / 24],
    ['three days', 3 * DAY],
    ['a year', 365 * DAY],
  ])('that was written by a clock %s ahead is no evidence, now or when that time comes', async (_ahead, ms) => {
    const stateDir = temporaryFolder();
    const { quarantine, clock } = quarantineAt(stateDir);
    clock.now += ms;
    quarantine.add(KEY, CRASH);
    clock.now -= ms;
    quarantine.add(OTHER_KEY, CRASH);
    expect(await quarantine.list()).toMatchObject([{ key: OTHER_KEY, until: 1_000_000 + DAY }]);
    expect(filesOf(stateDir, 'quarantine')).toHaveLength(1);
    clock.now += ms;
    expect(await quarantine.check(KEY)).toBeUndefined();
  });

  test('counts where the clock of another host is a few seconds behind', async () => {
    const { quarantine, clock } = quarantineAt(temporaryFolder());
    quarantine.add(KEY, CRASH);
    clock.now -= 5000;
    expect(await quarantine.check(KEY)).toMatchObject({ count: 1 });
  });

  test('expires when the host that saw it said so, whoever looks', async () => {
    const stateDir = temporaryFolder();
    const { quarantine } = quarantineAt(stateDir, 100);
    quarantine.add(KEY, CRASH);
    const other = new Quarantine({ stateDir, expiryMs: 10, now: () => 1_000_099 });
    expect(await other.check(KEY)).toMatchObject({ until: 1_000_100 });
  });

  test.each([Infinity, 1e300])('that is to count for ever does: %d ms', async (expiryMs) => {
    const { quarantine, clock } = quarantineAt(temporaryFolder(), expiryMs);
    quarantine.add(KEY, CRASH);
    clock.now = 8_639_999_999_999_999;
    expect(await quarantine.check(KEY)).toMatchObject({ count: 1 });
    const candidate = await makePlugin(temporaryFolder());
    expect(await rejectionOf(quarantine.admit(KEY, candidate))).toMatchObject({ code: 'ERR_QUARANTINED' });
  });

  test('that counts for part of a millisecond is no damaged file', async () => {
    const { quarantine } = quarantineAt(temporaryFolder(), 0.5);
    quarantine.add(KEY, CRASH);
    expect(await quarantine.check(KEY)).toMatchObject({ until: 1_000_001 });
  });

  test('of several hosts at once is never lost', async () => {
    const stateDir = temporaryFolder();
    const [hosts, each] = [4, 25];
    const script = `
      const { Quarantine } = ${builtQuarantine};
      const quarantine = new Quarantine({ stateDir: ${JSON.stringify(stateDir)} });
      say('ready');
      await told();
      for (let crash = 0; crash < ${each}; crash++) {
        quarantine.add('${KEY}', ${JSON.stringify(CRASH)});
        await quarantine.check('${KEY}');
      }
    `;
    const processes = Array.from({ length: hosts }, () => startProcess(script));
    for (const host of processes) expect(await host.next()).toBe('ready');
    for (const host of processes) host.tell();
    for (const host of processes) expect(await host.end()).toBe(0);
    expect(await new Quarantine({ stateDir }).check(KEY)).toMatchObject({ count: hosts * each });
  });

  onPosix('is for nobody else to read', () => {
    const stateDir = path.join(temporaryFolder(), 'state');
    quarantineAt(stateDir).quarantine.add(KEY, CRASH);
    const [name = ''] = filesOf(stateDir, 'quarantine');
    expect([stateDir, path.join(stateDir, 'quarantine'), path.join(stateDir, 'quarantine', name)].map(modeOf)).toEqual(['700', '700', '600']);
  });

  test('that cannot be written down or read is an error that says why', async () => {
    const notAFolder = path.join(temporaryFolder(), 'file');
    writeFileSync(notAFolder, '');
    const { quarantine } = quarantineAt(notAFolder);
    const expected = { code: 'ERR_STATE_FOLDER', step: 'trust', path: path.join(notAFolder, 'quarantine'), hint: expect.stringContaining(`${notAFolder} is not a folder: move it`) };
    expect(() => quarantine.add(KEY, CRASH)).toThrow(expect.objectContaining(expected));
    expect(await rejectionOf(quarantine.check(KEY))).toMatchObject(expected);
  });

  test('with words of any length is remembered', async () => {
    const { quarantine } = quarantineAt(temporaryFolder());
    quarantine.add(KEY, { ...CRASH, path: 'p'.repeat(10_000), reason: 'r'.repeat(10_000), during: 'd'.repeat(10_000) });
    expect(await quarantine.check(KEY)).toMatchObject({ count: 1 });
  });
});

describe('release', () => {
  test('lets go of every copy of a plugin, and of no other', async () => {
    const stateDir = temporaryFolder();
    const { quarantine } = quarantineAt(stateDir);
    quarantine.add(KEY, CRASH);
    quarantine.add(KEY, CRASH);
    quarantine.add(OTHER_KEY, CRASH);
    quarantine.add('c'.repeat(64), { ...CRASH, pluginId: 'weather-2' });
    expect(await quarantine.release('weather')).toMatchObject([{ key: KEY, count: 2 }, { key: OTHER_KEY, count: 1 }]);
    expect(await quarantine.check(KEY)).toBeUndefined();
    expect(await quarantine.list()).toMatchObject([{ pluginId: 'weather-2' }]);
    expect(await quarantine.release('weather')).toEqual([]);
    expect(filesOf(stateDir, 'quarantine')).toHaveLength(1);
  });
});

/** A file that has the name of a crash and is none. */
function plant(stateDir: string, content: string | Buffer): string {
  const folder = path.join(stateDir, 'quarantine');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${KEY}-01234567-89ab-4def-8123-456789abcdef.json`);
  writeFileSync(file, content, { mode: 0o600 });
  return file;
}

const RECORD = { ...CRASH, at: 1, until: 8_000_000_000_000_000 };

describe('what is no record of a crash is not believed, and goes', () => {
  test('the planted files differ from a record in one thing each', async () => {
    const stateDir = temporaryFolder();
    plant(stateDir, JSON.stringify(RECORD));
    expect(await new Quarantine({ stateDir }).check(KEY)).toMatchObject({ count: 1, first: 1 });
  });

  test.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['half of it', JSON.stringify(RECORD).slice(0, 40)],
    ['bytes', Buffer.from([0xff, 0, 0xfe, 0x80])],
    ['null', 'null'],
    ['a list', JSON.stringify([RECORD])],
    ['a time that is none', JSON.stringify({ ...RECORD, until: 'for ever' })],
    ['a time beyond all dates', JSON.stringify({ ...RECORD, until: 9_000_000_000_000_000 })],
    ['a time before all dates', JSON.stringify({ ...RECORD, at: -1 })],
    ['an id that is none', JSON.stringify({ ...RECORD, pluginId: '../weather' })],
    ['a missing field', JSON.stringify({ ...RECORD, signal: undefined })],
    ['a field too many', JSON.stringify({ ...RECORD, more: 1 })],
    ['a key that changes every object', JSON.stringify(RECORD).replace('{', '{"__proto__":{"polluted":true},')],
    ['words without end', JSON.stringify({ ...RECORD, reason: 'r'.repeat(1_000) })],
    ['a file without end', `${JSON.stringify(RECORD)}${' '.repeat(20_000)}`],
    ['a mebibyte', `${JSON.stringify(RECORD)}${' '.repeat(1 << 20)}`],
    ['nesting without end', '['.repeat(15_000)],
  ])('%s', async (_, content) => {
    const stateDir = temporaryFolder();
    const file = plant(stateDir, content);
    const quarantine = new Quarantine({ stateDir });
    expect(await quarantine.check(KEY)).toBeUndefined();
    expect(existsSync(file)).toBe(false);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    quarantine.add(KEY, CRASH);
    expect(await quarantine.check(KEY)).toMatchObject({ count: 1 });
  });

  onPosix('a link, though what it leads to stays', async () => {
    const stateDir = temporaryFolder();
    const target = path.join(temporaryFolder(), 'target');
    writeFileSync(target, JSON.stringify(RECORD), { mode: 0o600 });
    mkdirSync(path.join(stateDir, 'quarantine'));
    symlinkSync(target, path.join(stateDir, 'quarantine', `${KEY}-01234567-89ab-4def-8123-456789abcdef.json`));
    expect(await new Quarantine({ stateDir }).check(KEY)).toBeUndefined();
    expect(filesOf(stateDir, 'quarantine')).toEqual([]);
    expect(JSON.parse(readFileSync(target, 'utf8'))).toEqual(RECORD);
  });

  onPosix('a named pipe, which nobody waits for', async () => {
    const stateDir = temporaryFolder();
    mkdirSync(path.join(stateDir, 'quarantine'));
    execFileSync('mkfifo', ['-m', '600', path.join(stateDir, 'quarantine', `${KEY}-01234567-89ab-4def-8123-456789abcdef.json`)]);
    expect(await new Quarantine({ stateDir }).check(KEY)).toBeUndefined();
    expect(filesOf(stateDir, 'quarantine')).toEqual([]);
  });

  asRoot("somebody else's file", async () => {
    const stateDir = temporaryFolder();
    const file = plant(stateDir, JSON.stringify(RECORD));
    execFileSync('chown', ['12345', file]);
    expect(await new Quarantine({ stateDir }).check(KEY)).toBeUndefined();
  });
});

test('a folder with the name of a record is let be, and in nobody’s way', async () => {
  const stateDir = temporaryFolder();
  const folder = path.join(stateDir, 'quarantine', `${KEY}-01234567-89ab-4def-8123-456789abcdef.json`);
  mkdirSync(path.join(folder, 'inside'), { recursive: true });
  const quarantine = new Quarantine({ stateDir });
  expect(await quarantine.check(KEY)).toBeUndefined();
  quarantine.add(KEY, CRASH);
  expect(await quarantine.check(KEY)).toMatchObject({ count: 1 });
  expect(existsSync(path.join(folder, 'inside'))).toBe(true);
});

test('what a host left that died while it wrote goes after an hour; what nobody here wrote stays', async () => {
  const stateDir = temporaryFolder();
  const folder = path.join(stateDir, 'quarantine');
  mkdirSync(folder);
  for (const name of ['old.tmp', 'new.tmp', 'notes.txt']) writeFileSync(path.join(folder, name), '');
  const twoHoursAgo = Date.now() / 1000 - 7200;
  for (const name of ['old.tmp', 'notes.txt']) utimesSync(path.join(folder, name), twoHoursAgo, twoHoursAgo);
  await new Quarantine({ stateDir }).list();
  expect(filesOf(stateDir, 'quarantine').sort()).toEqual(['new.tmp', 'notes.txt']);
});
