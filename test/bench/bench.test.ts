/** Benchmarks and curves. In one file, because both build their plugins into build/bench. */
import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { withCmake } from '../native/cmake.js';
import { projectRoot, temporaryFolder } from '../support/fixtures.js';

const bench = path.join(projectRoot, 'scripts', 'bench', 'bench.mjs');

interface Row extends Record<string, unknown> {
  readonly group: string;
  readonly name: string;
  readonly goal?: number | null;
  readonly limit?: number;
  readonly skipped?: string;
}

function runBench(...args: string[]) {
  // Node's flags of this test run are not the benchmark's.
  const env = { ...process.env, NODE_OPTIONS: '' };
  // Packages to compare with are not installed by a test.
  return spawnSync(process.execPath, [bench, '--quick', '--no-packages', ...args], { encoding: 'utf8', env });
}

function rowsOf(...args: string[]): Row[] {
  const file = path.join(temporaryFolder(), 'bench.json');
  const { status, stderr } = runBench('--json', file, ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { machine, isQuick, rows } = JSON.parse(readFileSync(file, 'utf8')) as { machine: object; isQuick: boolean; rows: Row[] };
  expect(isQuick).toBe(true); // docs/performance.md is not made from such figures
  expect(machine).toEqual(expect.objectContaining({ node: process.version, cores: expect.any(Number) }));
  return rows;
}

/** A comparison, a figure with a limit, or what could not be measured, with the reason. */
function expectedOf({ goal, limit, skipped, ratio, value }: Row): Record<string, unknown> {
  const named = { group: expect.any(String), name: expect.any(String) };
  const bound = limit === undefined ? { goal: goal === null ? null : expect.any(Number) } : { limit: expect.any(Number) };
  if (skipped !== undefined) return { ...named, ...bound, skipped: expect.stringMatching(/./) };
  if (limit !== undefined) return { ...named, ...bound, value: expect.any(Number), unit: 'MiB', ok: Number(value) <= limit };
  return {
    ...named,
    ...bound,
    ours: expect.any(Number),
    theirs: expect.any(Number),
    unit: expect.stringMatching(/^(ns|µs|ms)$/),
    ratio: expect.any(Number),
    ok: goal === null || Number(ratio) <= Number(goal),
  };
}

const goalsOf = (rows: readonly Row[]): Record<string, unknown[]> => {
  const goals: Record<string, unknown[]> = {};
  for (const { group, goal, limit } of rows) if (goal !== null) (goals[group] ??= []).push(goal ?? limit);
  return goals;
};

/** What needs a package from a registry, an option or a method that this build lacks, or a tool or file of Linux. */
const REASONS = /^--no-packages$|^a tool in a child has no sync$|^needs /;

withCmake('the benchmark measures every pair, and writes them as JSON', () => {
  const rows = rowsOf();
  for (const row of rows) expect(row).toEqual(expectedOf(row));
  expect(rows.filter(({ skipped }) => skipped !== undefined && !REASONS.test(skipped))).toEqual([]);
  // What needs no package is measured without any.
  const isolated = rows.filter(({ group, skipped }) => group === 'isolated' && skipped !== undefined).map(({ name }) => name);
  expect(isolated).toEqual(isolated.map(() => expect.stringMatching(/MCP SDK|Extism/)));
  expect(isolated.length).toBeGreaterThan(0);
  // Each goal of docs/performance.md has a row.
  expect(goalsOf(rows)).toEqual({
    call: [1.1],
    text: [2.5, 1.5, 1, 0.5],
    json: [1.5],
    worker: [0.85, 1.2],
    callback: [1.2],
    isolated: [0.1, 0.4, 0.08, 0.8, 0.3],
    cold: [1.2],
    socket: [1, 1],
    sync: [0.2],
    cpu: [0.15],
    start: [1.5, 1.5],
    child: [1.8, 1.5, 20, 20],
    sandbox: [25],
    import: [1.1],
    scan: [2, 0.5],
    triage: [0.2],
  });
});

withCmake('memory after many calls is measured only when asked for', () => {
  const rows = rowsOf('--soak', '640');
  for (const row of rows) expect(row).toEqual(expectedOf(row));
  expect(rows.map(({ group }) => group)).toEqual(rows.map(() => 'soak'));
});

test.each([
  [['--only', 'nothing'], 'call, text, json, worker, callback, isolated, cold, socket, sync, cpu, mcp, update, start, child, sandbox, import, scan, triage'],
  [['--soak', 'long'], '--soak takes the number of calls of each way'],
])('%j is refused with what it takes', (args, message) => {
  const { status, stderr } = runBench(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
});

const curvesScript = path.join(projectRoot, 'scripts', 'bench', 'curves.mjs');

function runCurves(...args: string[]) {
  const env = { ...process.env, NODE_OPTIONS: '' };
  return spawnSync(process.execPath, [curvesScript, '--quick', '--no-packages', ...args], { encoding: 'utf8', env });
}

interface Curve {
  readonly id: string;
  readonly series: { readonly name: string; readonly points: [number, number][] }[];
}

const isLinux = process.platform === 'linux';

withCmake('every curve has a point for each size and each way', () => {
  const file = path.join(temporaryFolder(), 'curves.json');
  const { status, stderr } = runCurves('--json', file);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { curves } = JSON.parse(readFileSync(file, 'utf8')) as { curves: Curve[] };
  const xs = Object.fromEntries(curves.map(({ id, series }) => [id, [...new Set(series.map(({ points }) => points.map(([x]) => x).join()))]]));
  expect(xs).toEqual({
    payload: ['64,4096'],
    'in-flight': ['1,64'],
    'plugins-call': ['1,3'],
    'plugins-open': ['1,3'],
    'plugins-memory': [isLinux ? '1,3' : ''],
    scan: ['1,10'],
  });
  for (const { series } of curves) {
    for (const { points } of series) expect(points.filter(([, y]) => !(y > 0))).toEqual([]);
  }
  const names = (id: string) => curves.find((curve) => curve.id === id)?.series.map(({ name }) => name);
  expect(names('payload')).toEqual(expect.arrayContaining(['in this process, INLINE', 'in this process', 'in a child', 'worker_threads', 'a raw socket with a Node child']));
  expect(names('plugins-call')).toEqual(['a child for each', 'one child for all', 'in this process']);
});

test('a curve that does not exist is refused by name', () => {
  const { status, stderr } = runCurves('--only', 'nothing');
  expect(status).toBe(2);
  expect(stderr).toContain('payload, in-flight, plugins, scan');
});
