import { expect, test } from '@jest/globals';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { readFolder } from '../../src/trust/read-folder.js';
import { temporaryFolder } from '../support/fixtures.js';

const FILES = 40;

/** A folder with one file that stays, and others that an update removes while the folder is read. */
function folderWithTemporaryFiles(): { folder: string; removeTemporaryFiles: () => void } {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'stays'), 'stays');
  mkdirSync(path.join(folder, 'tmp'));
  const temporary = Array.from({ length: FILES }, (_, i) => path.join(folder, i % 2 === 0 ? 'tmp' : '.', `.new-${i}`));
  for (const file of temporary) writeFileSync(file, 'x');
  const removeTemporaryFiles = (): void => {
    for (const file of [...temporary, path.join(folder, 'tmp')]) rmSync(file, { recursive: true });
  };
  return { folder, removeTemporaryFiles };
}

test.each([true, false])('files that are removed while a folder is read are no failure (links out of it allowed: %s)', async (allowOutside) => {
  for (let turns = 0; turns < 60; turns++) {
    const { folder, removeTemporaryFiles } = folderWithTemporaryFiles();
    const reading = readFolder(folder, { allowOutside });
    for (let i = 0; i < turns; i++) await turn();
    removeTemporaryFiles();
    expect((await reading).map((file) => file.path)).toContain('stays');
  }
});

test('a folder that is removed as a whole is an error that names it', async () => {
  const folder = path.join(temporaryFolder(), 'gone');
  await expect(readFolder(folder, { allowOutside: false })).rejects.toMatchObject({ code: 'ERR_IO', path: folder });
});
