import { expect, test } from '@jest/globals';
import path from 'node:path';
import { fixtureDir, projectRoot } from '../../../support/fixtures.js';
import { found } from './validation.js';

const example = (name: string): string => path.join(projectRoot, 'build/examples', name);
const GOOD = [fixtureDir('good-c'), fixtureDir('good-cpp'), example('clean-up'), example('guard'), example('word-stats')];

test.each(GOOD)('%s passes every check that runs it', async (folder) => {
  expect(await found(folder, '--only', 'dynamic')).toEqual({});
});

test('another seed sends other inputs to a good plugin, with the same result', async () => {
  const inputs = ['--only', 'generated-input', '--only', 'mutated-input', '--only', 'wrong-types', '--only', 'lent-4096-bytes'];
  expect(await found(fixtureDir('good-cpp'), ...inputs, '--seed', '20261127')).toEqual({});
});
