import { afterEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { silentLogger } from '../../src/log/logger.js';
import { FolderWatch, type FolderWatchOptions } from '../../src/watch/folder-watch.js';
import { isWine, temporaryFolder, testWhere } from '../support/fixtures.js';
import { until } from '../support/host.js';

const open: FolderWatch[] = [];
afterEach(() => {
  for (const watch of open.splice(0)) watch.close();
});

function watching(options: Partial<FolderWatchOptions> = {}) {
  const hints = new Set<string>();
  const watch = new FolderWatch({ onHint: (hint) => hints.add(hint), logger: silentLogger, ...options });
  open.push(watch);
  return { watch, hints };
}

describe('a watched folder', () => {
  test('gives a hint for a file that is written, renamed or removed', async () => {
    const folder = temporaryFolder();
    const { watch, hints } = watching();
    expect(await watch.add(folder)).toBe(true);
    const [a, b] = [path.join(folder, 'a'), path.join(folder, 'b')];
    writeFileSync(a, '1');
    await until(() => hints.has(a));
    hints.clear();
    renameSync(a, b);
    await until(() => hints.has(b));
    hints.clear();
    rmSync(b);
    await until(() => hints.has(b));
  });

  testWhere(!isWine, 'wine: a folder that is watched stays when it is removed')('is watched again if another folder is in its place', async () => {
    const folder = path.join(temporaryFolder(), 'folder');
    const { watch, hints } = watching();
    for (let round = 0; round < 3; round++) {
      mkdirSync(folder);
      expect(await watch.add(folder)).toBe(true);
      writeFileSync(path.join(folder, 'a'), '1');
      await until(() => hints.has(path.join(folder, 'a')));
      rmSync(folder, { recursive: true });
      expect(await watch.add(folder)).toBe(false);
      hints.clear();
    }
  });

  testWhere(!isWine, 'wine: a notification of a folder says nothing of what is below it')('covers all below it, where one notification does', async () => {
    const folder = temporaryFolder();
    const below = path.join(folder, 'one', 'two');
    mkdirSync(below, { recursive: true });
    const { watch, hints } = watching({ isRecursive: true });
    await watch.add(folder, true);
    expect(await watch.add(below)).toBe(true);
    // Linux has no such notification; Node makes one by watching each folder, and may begin to do so late.
    await until(() => {
      writeFileSync(path.join(below, 'a'), String(Math.random()));
      return hints.has(path.join(below, 'a'));
    });
  });
});

test('a folder that is polled gives a hint at each look', async () => {
  const folder = temporaryFolder();
  const { watch, hints } = watching({ pollMs: 5 });
  await watch.add(folder);
  for (let round = 0; round < 3; round++) {
    hints.clear();
    await until(() => hints.has(folder));
  }
});

test.each([{}, { pollMs: 5 }])('after close there are no hints (%p)', async (options) => {
  const folder = temporaryFolder();
  const { watch, hints } = watching(options);
  await watch.add(folder);
  watch.close();
  expect(await watch.add(folder)).toBe(false);
  hints.clear();
  writeFileSync(path.join(folder, 'a'), '1');
  const { watch: second, hints: later } = watching({ pollMs: 5 });
  await second.add(folder);
  await until(() => later.size > 0);
  expect([...hints]).toEqual([]);
});
