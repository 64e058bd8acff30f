import { describe, expect, test } from '@jest/globals';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { requireSupport } from '../../../src/host/sandbox/support.js';
import { NO_GRANTS } from '../../../src/isolation/sandbox/grants.js';
import { profileOf } from '../../../src/isolation/sandbox/macos/profile.js';
import { macSupport, windowsSupport } from '../../../src/isolation/sandbox/other-systems.js';
import { sandboxSupport } from '../../../src/isolation/sandbox/probe.js';
import { windowsRestrictions } from '../../../src/isolation/sandbox/windows/restrictions.js';
import { childProgram } from '../../../src/isolation/supervisor/child-program.js';
import { temporaryFolder, testWhere } from '../../support/fixtures.js';
import { hostWith, reach, toml } from '../../host/sandbox/sandboxed.js';

describe('the profile for macOS', () => {
  /** The rules of an operation in order, which counts: the last one that matches decides. */
  const rulesOf = (text: string, operation: string): readonly string[] => text.split('\n').filter((line) => line.includes(operation));

  test('without grants: no reading of data but what every program needs, no writing, no network, no processes', () => {
    const { text, parameters } = profileOf(NO_GRANTS, []);
    expect(text.split('\n').slice(0, 3)).toEqual(['(version 1)', '(allow default)', '(deny file-read-data)']);
    expect(parameters).toEqual({});
    expect(text).not.toContain('param');
    expect(rulesOf(text, 'network')).toEqual(['(deny network*)']);
    expect(rulesOf(text, 'process-')).toEqual(['(deny process-exec*)', '(deny process-fork)']);
    expect(rulesOf(text, 'file-write*')).toEqual(['(deny file-write*)']);
    expect(rulesOf(text, 'signal')).toEqual(['(deny signal)', '(allow signal (target self))']);
    expect(text).not.toContain('/private/etc/hosts');
  });

  test('paths are parameters, so no path is a rule', () => {
    const path = '/a") (allow default) ("';
    const { text, parameters } = profileOf({ ...NO_GRANTS, read: [path], write: ['/w'], run: ['/bin/cat'] }, ['/own']);
    expect(text).not.toContain(path);
    expect(parameters).toEqual({ OWN0: '/own', READ0: path, WRITE0: '/w', RUN0: '/bin/cat' });
    expect(rulesOf(text, 'file-write*').at(-1)).toBe('(allow file-read-data file-write* (subpath (param "WRITE0")))');
    expect(rulesOf(text, 'READ0')).toEqual(['(allow file-read-data (subpath (param "OWN0")) (subpath (param "READ0")) (literal (param "RUN0")))']);
    expect(rulesOf(text, 'process-')).toEqual(['(deny process-exec*)', '(allow process-exec* (literal (param "RUN0")))']);
  });

  test('ports, each once, and name lookups with them', () => {
    const { text } = profileOf({ ...NO_GRANTS, connect: ['a.example:443', '[::1]:443', 'b.example:80'], listen: [8080] }, []);
    expect(rulesOf(text, 'network')).toEqual([
      '(deny network*)',
      '(allow network-outbound (remote tcp "*:443"))',
      '(allow network-outbound (remote tcp "*:80"))',
      '(allow network-outbound (literal "/private/var/run/mDNSResponder"))',
      '(allow network-bind network-inbound (local tcp "*:8080"))',
    ]);
    expect(text).toContain('/private/etc/hosts');
  });

  test('parentheses are balanced', () => {
    const all = { ...NO_GRANTS, read: ['/r'], write: ['/w'], connect: ['a:1'], listen: [1], run: ['/x'] };
    for (const grants of [NO_GRANTS, all]) {
      const { text } = profileOf(grants, ['/own']);
      for (const line of text.split('\n')) expect([line, line.split('(').length]).toEqual([line, line.split(')').length]);
    }
  });
});

describe('what Windows takes from a child', () => {
  test('without run: no process, by a policy and by the job', () => {
    const { mitigations, job } = windowsRestrictions(false);
    expect(mitigations).toEqual([[6, 1], [10, 3], [13, 1]]);
    expect(job).toEqual({ flags: 0x408, activeProcesses: 1, userInterface: 0xff });
  });

  test('with run: processes', () => {
    const { mitigations, job } = windowsRestrictions(true);
    expect(mitigations).toEqual([[6, 1], [10, 3]]);
    expect(job).toEqual({ flags: 0x400, activeProcesses: 0, userInterface: 0xff });
  });
});

describe('what is claimed', () => {
  test('nothing is enforced in full, and nothing at all if a trial fails', () => {
    for (const support of [macSupport(() => true), windowsSupport(() => true)]) {
      expect(support).toMatchObject({ level: 'partly', kernelAbi: 0 });
      const { read, write, connect, listen, run } = support!.keys;
      expect([read, write, connect, listen, run]).not.toContain('enforced');
    }
    expect(macSupport(() => false)).toBeUndefined();
    expect(windowsSupport(() => false)).toBeUndefined();
  });

  test('require refuses, even without grants', () => {
    for (const support of [macSupport(() => true)!, windowsSupport(() => true)!]) {
      expect(() => requireSupport('require', support, NO_GRANTS, {})).toThrow(expect.objectContaining({ code: 'ERR_SANDBOX_UNAVAILABLE' }));
      expect(() => requireSupport('best-effort', support, NO_GRANTS, {})).not.toThrow();
    }
  });
});

test.each(['darwin', 'win32'] as const)('a child on %s restricts itself, without a launcher', (system) => {
  const program = { entry: '/main.js', argument: '{}', calls: undefined, sandbox: NO_GRANTS };
  expect(childProgram(program, system)).toEqual(['/main.js', '{}', JSON.stringify({ system, grants: NO_GRANTS })]);
  expect(childProgram({ ...program, sandbox: undefined }, system)).toEqual(['/main.js', '{}']);
});

const { level, reason } = sandboxSupport();
const testHere = testWhere(process.platform !== 'linux' && level !== 'none', process.platform === 'linux' ? 'the sandbox of macOS or Windows' : (reason ?? ''));

describe('on macOS and Windows', () => {
  testHere('a plugin writes to its own folders, and nowhere else', async () => {
    const outside = realpathSync(temporaryFolder());
    const file = path.join(outside, 'a.txt');
    writeFileSync(file, 'a');
    const { host, dataDir } = await hostWith('', { isolation: 'process' });
    expect(await reach(host, 'write', { path: path.join(realpathSync(dataDir), 'reacher', 'a.txt') })).toEqual({ error: 0 });
    expect(await reach(host, 'write', { path: path.join(outside, 'b.txt') })).not.toEqual({ error: 0 });
    expect(host.explain('reacher')?.sandbox).toMatchObject({ level: 'partly' });
  });

  testWhere(process.platform === 'darwin' && level !== 'none', 'the sandbox of macOS')('on macOS it also reads only what it was granted', async () => {
    const outside = realpathSync(temporaryFolder());
    for (const name of ['granted', 'other']) mkdirSync(path.join(outside, name));
    const [granted, other] = ['granted', 'other'].map((name) => path.join(outside, name, 'a.txt')) as [string, string];
    for (const file of [granted, other]) writeFileSync(file, 'a');
    const { host } = await hostWith(`read = ${toml(path.dirname(granted))}`, { isolation: 'process', grants: (_candidate, asked) => asked });
    expect(await reach(host, 'read', { path: granted })).toEqual({ error: 0 });
    expect(await reach(host, 'read', { path: other })).not.toEqual({ error: 0 });
  });
});
