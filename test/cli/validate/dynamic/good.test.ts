import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { DYNAMIC_CHECKS } from '../../../../src/cli/validate/dynamic/index.js';
import { fixtureDir, fixturesRoot, projectRoot, testWhere } from '../../../support/fixtures.js';
import { found, problemsIn } from './validation.js';

const example = (name: string): string => path.join(projectRoot, 'build/examples', name);
test.each(['good-c', 'good-cpp'])('%s passes every check that runs it', async (name) => {
  expect(await found(fixtureDir(name), { only: ['dynamic'] })).toEqual({});
});

const EXAMPLES = ['clean-up', 'find-text', 'guard', 'word-stats'];

/** Each check runs on one of the examples. `node scripts/validate-good.mjs` runs every check on each of them. */
test.each(EXAMPLES.map((name, index) => [name, index] as const))('the example %s passes its part of these checks', async (name, index) => {
  const only = DYNAMIC_CHECKS.filter((_, n) => n % EXAMPLES.length === index).map(({ id }) => id);
  expect(await found(example(name), { only })).toEqual({});
});

/** Built where their toolchains are installed. `node scripts/validate-good.mjs` also validates new plugins of every kind. */
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
  const only = ['generated-input', 'mutated-input', 'wrong-types', 'lent-4096-bytes'];
  expect(await found(fixtureDir('good-cpp'), { only, seed: 20_261_127 })).toEqual({});
});
