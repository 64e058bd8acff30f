import { describe, expect } from '@jest/globals';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { lockPlugins, writeLock } from '../../src/trust/index.js';
import { copyFixture, fixtureLibrary, libraryFileName, temporaryFolder, testWhere } from '../support/fixtures.js';
import { startProcess } from './host-process.js';
import { candidateIn } from './plugin.js';

const whereFilesCanBeSwapped = testWhere(process.platform !== 'win32', 'Windows does not let the file of an open library be replaced');

interface Tally {
  readonly loaded: number;
  readonly mismatched: number;
  readonly other: readonly string[];
  readonly evilRan: boolean;
}

/**
 * A locked plugin, whose library another process replaces without pause by one that leaves a mark when it is opened,
 * while a host loads it again and again.
 */
async function loadWhileSwapping(trust: object): Promise<Tally> {
  const [pluginDir, workshop] = [temporaryFolder(), temporaryFolder()];
  const folder = copyFixture('good-c', pluginDir);
  await writeLock(path.join(pluginDir, 'aisopod-plugins.lock'), await lockPlugins([await candidateIn(folder)]));

  const library = path.join(folder, libraryFileName('good-c'));
  const [good, evil, next, mark] = ['good', 'evil', 'next', 'mark'].map((name) => path.join(workshop, name)) as [string, string, string, string];
  copyFileSync(library, good);
  copyFileSync(fixtureLibrary('constructor-marker'), evil);
  const swapper = startProcess(`
    const { linkSync, renameSync } = require('node:fs');
    say('swapping');
    for (let turn = 0; ; turn++) {
      linkSync(turn % 2 === 0 ? ${JSON.stringify(evil)} : ${JSON.stringify(good)}, ${JSON.stringify(next)});
      renameSync(${JSON.stringify(next)}, ${JSON.stringify(library)});
    }
  `);
  await swapper.next();

  const host = startProcess(
    `
    const { existsSync, symlinkSync } = require('node:fs');
    const tally = { loaded: 0, mismatched: 0, other: [], evilRan: false };
    for (let tries = 0; tries < 2000 && !tally.evilRan && (tally.loaded < 10 || tally.mismatched < 10); tries++) {
      // By another name each time: the system's loader does not look again at a path that it has open.
      const alias = ${JSON.stringify(path.join(workshop, 'alias-'))} + tries;
      symlinkSync(${JSON.stringify(pluginDir)}, alias);
      const loader = new DynamicPluginLoader({ hostVersion: '1.0.0', pluginDirs: [alias], trust: ${JSON.stringify(trust)} });
      try {
        await loader.loadPlugin((await loader.discover()).candidates[0]);
        tally.loaded++;
      } catch ({ code }) {
        if (code === 'ERR_LOCK_MISMATCH') tally.mismatched++;
        else tally.other.push(code);
      }
      tally.evilRan = existsSync(process.env.AISOPOD_FIXTURE_MARKER);
    }
    say(tally);
    process.exit(0);
  `,
    { AISOPOD_FIXTURE_MARKER: mark },
  );
  const tally = await host.next<Tally>();
  await swapper.kill();
  await host.end();
  if (tally.evilRan) expect(readFileSync(mark, 'utf8')).toContain('constructor');
  expect(existsSync(mark)).toBe(tally.evilRan);
  return tally;
}

describe('a library that is replaced again and again while it is loaded', () => {
  whereFilesCanBeSwapped('runs only as it was locked: what was verified is what runs', async () => {
    const tally = await loadWhileSwapping({ locked: 'require', copyDir: temporaryFolder() });
    expect(tally).toMatchObject({ other: [], evilRan: false });
    expect(tally.loaded).toBeGreaterThanOrEqual(10);
    expect(tally.mismatched).toBeGreaterThanOrEqual(10);
  });

  whereFilesCanBeSwapped('runs its replacement where the host requires nothing: the swap is real', async () => {
    expect(await loadWhileSwapping({})).toMatchObject({ evilRan: true });
  });

  whereFilesCanBeSwapped('and where it only wants to be warned', async () => {
    expect(await loadWhileSwapping({ locked: 'warn' })).toMatchObject({ evilRan: true });
  });
});
