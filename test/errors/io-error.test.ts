import { expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { LifecycleError, ioAdvice } from '../../src/errors/index.js';
import { makeDataDir } from '../../src/registry/data-dir.js';
import { writeAtomically, writeAtomicallySync } from '../../src/trust/write-atomically.js';
import { temporaryFolder } from '../support/fixtures.js';
import { errorOf } from '../support/host.js';

test.each(['EROFS', 'ENOSPC', 'ENOENT', 'EACCES', 'EDQUOT', 'ENOTDIR', 'EIO'])('the advice for a write that fails with %s names the option', (code) => {
  const advice = ioAdvice(code, { writes: true, option: 'dataDir' });
  expect(advice).toContain('set dataDir to another folder');
  expect(advice).not.toContain('read it');
});

test('a data folder that cannot be made names dataDir', async () => {
  const file = path.join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(await errorOf(makeDataDir(path.join(file, 'data'), 'p'))).toMatchObject({ code: 'ERR_IO', hint: expect.stringContaining('dataDir') });
});

test('a file of the state folder that cannot be written names stateDir', async () => {
  const file = path.join(temporaryFolder(), 'none', 'record.json');
  const named = { code: 'ERR_IO', hint: expect.stringContaining('set stateDir to another folder') };
  expect(await errorOf(writeAtomically(file, '', 0o600, 'stateDir'))).toMatchObject(named);
  expect(() => writeAtomicallySync(file, '', 0o600, 'stateDir')).toThrow(expect.objectContaining(named));
});

test('a deadline says what became of the call', () => {
  const late = (stillRunning: boolean) => new LifecycleError('ERR_LIFECYCLE_TIMEOUT', { operation: 'init', timeoutMs: 1, stillRunning }).hint;
  expect([late(true), late(false)]).toEqual([expect.stringContaining('still running'), expect.not.stringContaining('still running')]);
  const waited = new LifecycleError('ERR_LIFECYCLE_TIMEOUT', { operation: 'init', timeoutMs: 1, stillRunning: false, waited: true });
  expect([waited.message, waited.hint]).toEqual(['init was not called within 1 ms: all threads were busy', expect.stringMatching(/^The plugin was not called/)]);
});

test.each([
  [{ reason: 'could not be restarted: spawn EAGAIN', machine: 'start' }, /not blamed.*limits on processes/],
  [{ reason: 'was killed by SIGKILL', signal: 'SIGKILL', machine: 'memory' }, /memory limit/],
  [{ reason: 'was killed by SIGSEGV', signal: 'SIGSEGV' }, /crashed/],
  [{ reason: 'any words', ending: 'killed-by-host' }, /why the host killed it/],
  [{ reason: 'any words', ending: 'kill-refused' }, /did not let the host end this process/],
  [{ reason: 'any words', ending: 'ended-earlier' }, /host\.explain/],
] as const)('the hint for a process that ended with %j', (end, hint) => {
  const fields = { operation: 'start', signal: null, exitCode: null, ...end };
  expect(new LifecycleError('ERR_LIFECYCLE_CRASHED', fields).hint).toMatch(hint);
});

test('a write that fails with ENOENT may be to a read-only file system, or to one without room', () => {
  expect(ioAdvice('ENOENT', { writes: true })).toMatch(/read-only.*df -i/);
});
