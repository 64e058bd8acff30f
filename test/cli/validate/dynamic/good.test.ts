import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { CHECKS } from '../../../../src/cli/validate/checks.js';
import { DYNAMIC_CHECKS } from '../../../../src/cli/validate/dynamic/index.js';
import { heapBytes } from '../../../../src/library/heap-bytes.js';
import { fixtureDir, fixturesRoot, isZig, projectRoot, testWhere } from '../../../support/fixtures.js';
import { found, problemsIn } from './validation.js';

const example = (name: string): string => path.join(projectRoot, 'build/examples', name);
const fixture = (name: string): string => path.join(fixturesRoot, name);

/** What needs the files of Linux in /proc, or what the C library says of its heap. */
const SKIPPED: Readonly<Record<string, readonly string[]>> = {
  ...(heapBytes() === undefined && { 'memory-grows': ['skipped: this system does not say how much memory is allocated'] }),
  ...(process.platform !== 'linux' && {
    'descriptors-closed': ['skipped: this system does not list the descriptors of a process'],
    'threads-not-joined': ['skipped: this system does not list the threads of a process'],
  }),
};
const skippedOf = (checks: readonly string[]): object => Object.fromEntries(Object.entries(SKIPPED).filter(([check]) => checks.includes(check)));

test('good-c passes every check that runs it', async () => {
  expect(await found(fixtureDir('good-c'), { only: ['dynamic'] })).toEqual(SKIPPED);
});

/** Each check runs on one plugin of a group. `node scripts/validate-good.mjs` runs every check on each plugin, and on new ones of every kind. */
const GROUPS = [
  { toolchain: 'compilers of C and C++', folders: ['clean-up', 'find-text', 'guard', 'word-stats'].map(example) },
  { toolchain: 'a C++ compiler', folders: [fixture('good-cpp'), fixture('kit-cpp')] },
  { toolchain: 'rustc 1.77 or newer', folders: [fixture('kit-rust'), example('hash')] },
  { toolchain: 'Zig 0.16', folders: [fixture('kit-zig'), example('parse-csv')] },
  { toolchain: 'Go 1.19 or newer', folders: [fixture('kit-go'), example('render-template')] },
];

const IN_CPP = ['clean-up', 'find-text', 'guard', 'good-cpp', 'kit-cpp'];
/** No check that runs these has nothing to do. */
const SKIP_NOTHING = ['clean-up', 'find-text', 'guard', 'word-stats', 'good-cpp'];
const STATIC = CHECKS.filter(({ kind }) => kind === 'static').map(({ id }) => id);

for (const { toolchain, folders } of GROUPS) {
  for (const [index, folder] of folders.entries()) {
    const exported = isZig && IN_CPP.includes(path.basename(folder));
    testWhere(existsSync(folder) && !exported, exported ? 'Zig: its C++ library is exported' : toolchain)(`${path.basename(folder)} has no finding, in its files and in its part of the checks that run it`, async () => {
      const dynamic = DYNAMIC_CHECKS.filter((_, n) => n % folders.length === index).map(({ id }) => id);
      expect(problemsIn(await found(folder, { only: STATIC }))).toEqual({});
      const findings = await found(folder, { only: dynamic });
      if (SKIP_NOTHING.includes(path.basename(folder))) expect(findings).toEqual(skippedOf(dynamic));
      else expect(problemsIn(findings)).toEqual({});
    });
  }
}

test('another seed sends other inputs to a good plugin, with the same result', async () => {
  const only = ['generated-input', 'mutated-input', 'wrong-types', 'lent-4096-bytes'];
  expect(await found(fixtureDir('good-cpp'), { only, seed: 20_261_127 })).toEqual({});
});
