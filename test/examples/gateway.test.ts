/** The example gateway, with a user who answers through its standard input. */
import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot, temporaryFolder } from '../support/fixtures.js';

const program = path.join(projectRoot, 'examples/gateway/gateway.mjs');

/** Runs it with these answers of the user. There is one old file in the folder that clean-up looks after. */
function converse(...answers: string[]) {
  const home = temporaryFolder();
  const old = path.join(home, 'data/clean-up/old.txt');
  mkdirSync(path.dirname(old), { recursive: true });
  writeFileSync(old, '');
  utimesSync(old, 0, 0);
  const args = [program, path.join(projectRoot, 'build/examples'), path.join(home, 'data')];
  const env = { ...process.env, NODE_OPTIONS: '', HOME: home, USERPROFILE: home };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: home, env, input: `${answers.join('\n')}\n`, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return { lines: stdout.trim().split('\n'), isDeleted: !existsSync(old) };
}

test('it runs the calls of a model: through hooks, with progress, and with the approval of the user', () => {
  const { lines, isDeleted } = converse('yes', 'no', 'yes');
  const answers = lines.filter((line) => line.startsWith('< ')).map((line) => JSON.parse(line.slice(2)) as Record<string, unknown>);
  expect(answers).toEqual([
    expect.objectContaining({ words: 12_000 }),
    { error: expect.stringMatching(/^guard refused this call: .*access key/) },
    { error: 'the user refused this call' },
    { error: expect.stringContaining('tool count_words') },
    { approved: true, deleted: ['old.txt'] },
  ]);
  expect(isDeleted).toBe(true);
  const questions = lines.filter((line) => line.startsWith('? '));
  expect(questions).toHaveLength(3); // the call that the guard refused is not asked about
  expect(questions[2]).toBe('? May agent example delete files: old.txt? (yes or no)');
  expect(lines.some((line) => line.startsWith('  … '))).toBe(true);
  expect(lines.at(-1)).toBe('Of 5 calls, 2 worked.');
});

test('without answers nothing is approved', () => {
  const { lines, isDeleted } = converse();
  expect(isDeleted).toBe(false);
  expect(lines.at(-1)).toMatch(/^Of 5 calls, [01] worked\.$/);
});
