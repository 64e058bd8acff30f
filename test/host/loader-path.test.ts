/** A plugin folder whose name the system's loader expands: what runs is the file that was checked. */
import { describe, expect, test } from '@jest/globals';
import { cpSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder, testWhere } from '../support/fixtures.js';
import { install } from '../support/releases.js';
import { open } from './host.js';

/** A folder with this plugin folder, and with others to which its name may be expanded, which hold another library. */
function folderWith(name: string): string {
  const folder = temporaryFolder();
  for (const decoy of ['x86_64', 'aarch64', 'haswell', path.join('lib', 'x86_64-linux-gnu'), 'lib64', 'lib']) {
    const other = install(temporaryFolder(), 2);
    rmSync(path.join(other, 'aisopod.plugin.toml'));
    cpSync(other, path.join(folder, decoy), { recursive: true });
  }
  renameSync(install(folder, 1), path.join(folder, name));
  return folder;
}

describe.each(['in-process', 'process'] as const)('%s', (isolation) => {
  test.each(['$PLATFORM', '${PLATFORM}', '$LIB', '$ORIGIN', '${ORIGIN}', 'cash$'])('a plugin folder %s', async (name) => {
    const copyDir = temporaryFolder();
    const host = await open({ pluginDirs: [folderWith(name)], isolation, trust: { copyDir } });
    expect(await host.find('tool', 'version')?.call({})).toEqual({ version: 1 });
  });
});

describe.each(['in-process', 'process'] as const)('%s, on a system whose loader expands "$"', (isolation) => {
  testWhere(!['win32', 'darwin'].includes(process.platform), 'the loader expands nothing')('a folder for copies with "$" is refused', async () => {
    const copyDir = path.join(temporaryFolder(), '$LIB');
    const host = await open({ pluginDirs: [folderWith('$PLATFORM')], isolation, trust: { copyDir } });
    expect(host.explain('updated')).toMatchObject({ state: 'refused', code: 'ERR_LIBRARY_PATH', hint: expect.stringContaining('copyDir') });
  });
});
