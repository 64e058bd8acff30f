import { expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sandboxSupport } from '../../src/isolation/sandbox/probe.js';
import { openIn } from '../isolation/homes.js';
import { projectRoot, temporaryFolder } from '../support/fixtures.js';
import { errorOf } from '../support/host.js';

test.each(['in-process', 'process'] as const)('find-text %s finds lines and reports progress', async (home) => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'sub'));
  writeFileSync(path.join(folder, 'a.txt'), 'one\ntwo needles: needle\n');
  writeFileSync(path.join(folder, 'sub/ü.txt'), 'a needle in a "haystack"\nnothing');
  const host = await openIn(home, ['find-text'], { pluginDirs: [path.join(projectRoot, 'build/examples')], grants: sandboxSupport().level !== 'none' && { read: [folder] }, configOf: () => ({ folder }) });
  const tool = host.tool('find_text');
  const progress: unknown[] = [];
  expect(await tool.call({ text: 'needle' }, { onProgress: (report) => void progress.push(report) })).toEqual({
    matches: [
      { file: 'a.txt', line: 2, text: 'two needles: needle' },
      { file: 'sub/ü.txt', line: 1, text: 'a needle in a "haystack"' },
    ],
    files: 2,
  });
  expect(progress[0]).toEqual({ progress: 0, total: 2, message: 'a.txt' });
  expect(await tool.call({ text: 'needle', max: 1 })).toMatchObject({ matches: [{ file: 'a.txt' }] });
});

test('find-text says why it cannot search', async () => {
  const host = await openIn('in-process', ['find-text'], { pluginDirs: [path.join(projectRoot, 'build/examples')], configOf: () => ({ folder: '/does/not/exist' }) });
  expect(await errorOf(host.tool('find_text').call({ text: 'x' }))).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('/does/not/exist') });
});
