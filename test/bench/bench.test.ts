import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot, temporaryFolder } from '../support/fixtures.js';

const bench = path.join(projectRoot, 'scripts', 'bench', 'bench.mjs');

function runBench(...args: string[]) {
  // Node's flags of this test run are not the benchmark's.
  const env = { ...process.env, NODE_OPTIONS: '' };
  return spawnSync(process.execPath, [bench, '--quick', ...args], { encoding: 'utf8', env });
}

test('the benchmark measures every pair, and writes them as JSON', () => {
  const file = path.join(temporaryFolder(), 'bench.json');
  const { status, stderr } = runBench('--json', file);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { rows } = JSON.parse(readFileSync(file, 'utf8')) as { rows: Record<string, unknown>[] };
  for (const row of rows) {
    expect(row).toEqual({
      name: expect.any(String),
      ours: expect.any(Number),
      theirs: expect.any(Number),
      unit: expect.stringMatching(/^(ns|µs|ms)$/),
      ratio: expect.any(Number),
      goal: row.goal === null ? null : expect.any(Number),
      ok: row.goal === null || Number(row.ratio) <= Number(row.goal),
    });
  }
  // Each goal of docs/benchmarks.md has a row.
  expect(rows.filter(({ goal }) => goal !== null).map(({ goal }) => goal)).toEqual([1.1, 2.5, 1.5, 1.1, 1, 1.5, 1.15, 2, 1.2, 1.5, 1.5, 1.1, 2, 0.5]);
});

test('a group that does not exist is refused by name', () => {
  const { status, stderr } = runBench('--only', 'nothing');
  expect(status).toBe(2);
  expect(stderr).toContain('call, text, json, worker, callback, start, import, scan');
});
