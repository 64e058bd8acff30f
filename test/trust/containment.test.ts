import { describe, expect } from '@jest/globals';
import { mkdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MANIFEST_FILENAME } from '../../src/manifest/index.js';
import { lockPlugins, writeLock } from '../../src/trust/index.js';
import { temporaryFolder, testWhere } from '../support/fixtures.js';
import { LIBRARY, admitted, candidateIn, makePlugin, refusal } from './plugin.js';

const withLinks = testWhere(process.platform !== 'win32', 'links need a privilege on Windows');

/** Moves a file of the plugin to `to` and leaves a link. */
function moveAway(folder: string, name: string, to: string): void {
  renameSync(path.join(folder, name), to);
  symlinkSync(to, path.join(folder, name));
}

describe('what a link leads out of the plugin folder', () => {
  for (const [what, name] of [
    ['the library', LIBRARY],
    ['the manifest', MANIFEST_FILENAME],
  ] as const) {
    withLinks(`${what} is refused, and admitted where the host allows it`, async () => {
      const candidate = await makePlugin(temporaryFolder());
      const elsewhere = path.join(temporaryFolder(), name);
      moveAway(candidate.path, name, elsewhere);
      expect(await refusal(candidate)).toMatchObject({
        code: 'ERR_OUTSIDE_FOLDER',
        step: 'trust',
        pluginId: 'weather',
        path: path.join(candidate.path, name),
        expected: candidate.path,
        found: realpathSync(elsewhere),
      });
      expect(await admitted(candidate, { allowOutside: true })).toEqual({ library: path.join(candidate.path, LIBRARY), isCopy: false });
    });
  }

  withLinks('the folder for a platform is refused', async () => {
    const candidate = await makePlugin(temporaryFolder());
    const elsewhere = temporaryFolder();
    writeFileSync(path.join(elsewhere, LIBRARY), 'other code');
    symlinkSync(elsewhere, path.join(candidate.path, `${process.platform}-${process.arch}`));
    expect(await refusal(candidate)).toMatchObject({ code: 'ERR_OUTSIDE_FOLDER', found: realpathSync(path.join(elsewhere, LIBRARY)) });
  });

  withLinks('a folder whose name only begins like the plugin folder is outside', async () => {
    const candidate = await makePlugin(temporaryFolder());
    mkdirSync(`${candidate.path}-evil`);
    moveAway(candidate.path, LIBRARY, path.join(`${candidate.path}-evil`, LIBRARY));
    expect(await refusal(candidate)).toMatchObject({ code: 'ERR_OUTSIDE_FOLDER' });
  });

  withLinks('any other file is refused where files are hashed, and hashed where the host allows it', async () => {
    const candidate = await makePlugin(temporaryFolder(), { 'data.txt': 'data' });
    const lockFile = path.join(temporaryFolder(), 'lock');
    await writeLock(lockFile, await lockPlugins([candidate]));
    moveAway(candidate.path, 'data.txt', path.join(temporaryFolder(), 'data.txt'));
    expect(await admitted(candidate)).toMatchObject({ isCopy: false });
    expect(await refusal(candidate, { locked: 'require', lockFile, copyDir: temporaryFolder() })).toMatchObject({ code: 'ERR_OUTSIDE_FOLDER' });
    const options = { locked: 'require', lockFile, copyDir: temporaryFolder(), allowOutside: true } as const;
    expect(await admitted(candidate, options)).toMatchObject({ isCopy: true });
  });
});

describe('links that stay', () => {
  withLinks('a link inside the folder is fine', async () => {
    const candidate = await makePlugin(temporaryFolder());
    mkdirSync(path.join(candidate.path, 'lib'));
    moveAway(candidate.path, LIBRARY, path.join(candidate.path, 'lib', 'weather.so.1'));
    expect(await admitted(candidate)).toMatchObject({ library: path.join(candidate.path, LIBRARY) });
  });

  withLinks('of a plugin folder that is a link, its real path counts', async () => {
    const real = await makePlugin(temporaryFolder());
    const link = path.join(temporaryFolder(), 'weather');
    symlinkSync(real.path, link);
    expect(await admitted(await candidateIn(link))).toMatchObject({ library: path.join(link, LIBRARY) });
    moveAway(real.path, LIBRARY, path.join(link, '..', LIBRARY));
    expect(await refusal(await candidateIn(link))).toMatchObject({ code: 'ERR_OUTSIDE_FOLDER', expected: real.path });
  });
});
