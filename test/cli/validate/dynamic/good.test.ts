import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fixtureDir, fixturesRoot, projectRoot, testWhere } from '../../../support/fixtures.js';
import { found, problemsIn } from './validation.js';

const example = (name: string): string => path.join(projectRoot, 'build/examples', name);
const GOOD = [fixtureDir('good-c'), fixtureDir('good-cpp'), example('clean-up'), example('find-text'), example('guard'), example('word-stats')];

test.each(GOOD)('%s passes every check that runs it', async (folder) => {
  expect(await found(folder, '--only', 'dynamic')).toEqual({});
});

/** Built where their toolchains are installed. `node scripts/validate-good.mjs` runs every check on these, and on new plugins of every kind. */
const IN_OTHER_LANGUAGES = [
  [path.join(fixturesRoot, 'kit-cpp'), 'a C++ compiler'],
  [path.join(fixturesRoot, 'kit-rust'), 'rustc 1.77 or newer'],
  [path.join(fixturesRoot, 'kit-zig'), 'Zig 0.16'],
  [path.join(fixturesRoot, 'kit-go'), 'Go 1.19 or newer'],
  [example('hash'), 'rustc 1.77 or newer'],
  [example('parse-csv'), 'Zig 0.16'],
  [example('render-template'), 'Go 1.19 or newer'],
] as const;

for (const [folder, toolchain] of IN_OTHER_LANGUAGES) {
  testWhere(existsSync(folder), toolchain)(`${path.basename(folder)} has no finding, in its files and in its code`, async () => {
    expect(problemsIn(await found(folder))).toEqual({});
  });
}

test('another seed sends other inputs to a good plugin, with the same result', async () => {
  const inputs = ['--only', 'generated-input', '--only', 'mutated-input', '--only', 'wrong-types', '--only', 'lent-4096-bytes'];
  expect(await found(fixtureDir('good-cpp'), ...inputs, '--seed', '20261127')).toEqual({});
});
