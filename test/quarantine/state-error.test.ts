/** What to do about a state folder that cannot be used: who has it, and how to get it back. */
import { expect, test } from '@jest/globals';
import { chownSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { stateError } from '../../src/quarantine/state-error.js';
import { temporaryFolder } from '../support/fixtures.js';
import { asRoot, onPosix } from '../trust/plugin.js';

const DENIED = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
const ALONE = 'a folder that only this user owns.';

const hintFor = (folder: string, cause: unknown = DENIED): string => stateError('know it', folder, cause).hint;

function stateWith(...folders: string[]): string {
  const stateDir = temporaryFolder();
  for (const folder of folders) mkdirSync(path.join(stateDir, folder));
  return stateDir;
}

asRoot("a folder of somebody else's: whose it is, and the command", () => {
  const stateDir = stateWith('quarantine');
  chownSync(path.join(stateDir, 'quarantine'), 12_345, 0);
  const folder = path.join(stateDir, 'quarantine');
  expect(hintFor(folder)).toBe(`${folder} belongs to user 12345, and this is user 0. Run: sudo chown -R 0 ${folder}, or set stateDir to ${ALONE}`);
  chownSync(stateDir, 12_345, 0);
  expect(hintFor(folder)).toBe(`${stateDir} belongs to user 12345, and this is user 0. Run: sudo chown -R 0 ${stateDir}, or set stateDir to ${ALONE}`);
});

asRoot('never the command for a folder that the state folder merely lies in', () => {
  const home = stateWith('someone');
  const someone = path.join(home, 'someone');
  chownSync(someone, 12_345, 0);
  const hint = hintFor(path.join(someone, '.aisopod', 'state', 'quarantine'));
  expect(hint).toBe(`${someone} belongs to user 12345, and this is user 0: run the host as that user, or set stateDir to ${ALONE}`);
});

onPosix("this user's own folder: its mode", () => {
  const stateDir = stateWith('quarantine');
  const folder = path.join(stateDir, 'quarantine');
  expect(hintFor(folder)).toBe(`Run: chmod -R u+rwX ${folder}, or set stateDir to ${ALONE}`);
});

test('what has nothing to do with owner and mode: the folder', () => {
  const stateDir = stateWith('quarantine');
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  expect(hintFor(path.join(stateDir, 'quarantine'), full)).toBe(`The file system is full (df -h, df -i), or the quota is used up (EDQUOT). Free some space, or set stateDir to ${ALONE}`);
});
