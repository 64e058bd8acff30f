import { expect, test } from '@jest/globals';
import path from 'node:path';
import { Quarantine } from '../../src/quarantine/index.js';
import { cli, cliJson } from '../cli/cli.js';
import { temporaryFolder } from '../support/fixtures.js';
import { CRASH, KEY } from './state.js';

test('release lets a plugin out, and says what it was in for', async () => {
  const stateDir = temporaryFolder();
  const quarantine = new Quarantine({ stateDir });
  quarantine.add(KEY, CRASH);
  quarantine.add(KEY, CRASH);
  const { code, stdout, stderr } = await cli(['release', 'weather', '--state-dir', stateDir]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^released .*\nweather +was killed by SIGSEGV +init +2 +\d{4}-.*Z +\/plugins\/weather\n$/);
  expect(await quarantine.list()).toEqual([]);
});

test('release --json', async () => {
  const stateDir = temporaryFolder();
  const quarantine = new Quarantine({ stateDir });
  quarantine.add(KEY, CRASH);
  const entry = await quarantine.check(KEY);
  expect(await cliJson(['release', 'weather', '--state-dir', stateDir])).toEqual({ code: 0, json: { released: [entry] } });
});

test('release of what is not there is refused', async () => {
  const stateDir = temporaryFolder();
  new Quarantine({ stateDir }).add(KEY, CRASH);
  const { code, stderr } = await cli(['release', 'other', '--state-dir', stateDir]);
  expect([code, stderr]).toEqual([1, expect.stringContaining(`other is not in quarantine in ${stateDir}`)]);
  expect(await new Quarantine({ stateDir }).check(KEY)).toMatchObject({ count: 1 });
});

test('release looks in the home folder, where hosts keep their state by default', async () => {
  const home = temporaryFolder();
  new Quarantine({ stateDir: path.join(home, '.aisopod/state') }).add(KEY, CRASH);
  expect((await cli(['release', 'weather'], { env: { HOME: home, USERPROFILE: home } })).code).toBe(0);
});

test('what a record says cannot move the cursor', async () => {
  const stateDir = temporaryFolder();
  new Quarantine({ stateDir }).add(KEY, { ...CRASH, during: 'tool \u001b[2Jclean' });
  expect((await cli(['release', 'weather', '--state-dir', stateDir])).stdout).not.toContain('\u001b');
});
