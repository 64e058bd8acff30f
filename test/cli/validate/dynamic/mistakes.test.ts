import { expect, test } from '@jest/globals';
import path from 'node:path';
import { fixtureDir, projectRoot } from '../../../support/fixtures.js';
import { found, mistake } from './validation.js';

/** Mistakes that hosts do not notice, and the check that is for each. */
const MISTAKES: readonly (readonly [name: string, check: string, message: RegExp])[] = [
  ['request-kept', 'request-kept-after-return', /SIGSEGV/],
  ['buffer-kept', 'reply-kept-after-return', /SIGSEGV/],
  ['completed-twice', 'completed-twice', /complete was called again/],
  ['completed-and-returned', 'completed-and-returned', /after complete had been called/],
  ['never-completed', 'stops-when-cancelled', /did not complete/],
  ['emitted-after-complete', 'emit-after-complete', /emit was called after/],
  ['threads-not-joined', 'threads-not-joined', /still run/],
  ['inline-blocks', 'inline-blocks', /blocked for more than 1000 ms/],
  ['answer-too-large', 'lent-4096-bytes', /SIGSEGV/],
  ['input-by-strlen', 'input-without-nul', /SIGSEGV/],
  ['plugin-struct-too-large', 'struct-too-large', /aisopod_plugin: a size of 80/],
  ['capability-struct-too-large', 'struct-too-large', /aisopod_capability: a size of 72/],
  ['request-read-beyond', 'exact-structs', /SIGSEGV/],
];

test.each(MISTAKES)('%s is found by %s', async (name, check, message) => {
  const result = await found(mistake(name), '--only', check);
  expect(Object.keys(result)).toEqual([check]);
  expect(result[check]?.join('\n')).toMatch(/^error/);
  expect(result[check]?.join('\n')).toMatch(message);
});

const GOOD = [fixtureDir('good-c'), fixtureDir('good-cpp'), ...['clean-up', 'guard', 'word-stats'].map((name) => path.join(projectRoot, 'build/examples', name))];

test.each(GOOD)('%s passes every check', async (folder) => {
  expect(await found(folder, '--only', 'dynamic')).toEqual({});
});
