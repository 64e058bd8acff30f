import { describe, expect, test } from '@jest/globals';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../support/fixtures.js';

interface Curve {
  readonly title: string;
  readonly x: { readonly label: string; readonly unit: string; readonly base: number };
  readonly y: { readonly label: string; readonly unit: string };
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
}

const { drawChart, labelOf } = (await import(pathToFileURL(path.join(projectRoot, 'scripts/bench/chart.mjs')).href)) as {
  drawChart: (curve: Curve) => string;
  labelOf: (value: number, unit: string) => string;
};

const CURVE: Curve = {
  title: 'Cost & size',
  x: { label: 'bytes', unit: 'bytes', base: 4 },
  y: { label: 'time', unit: 'µs' },
  series: [
    { name: 'fast <ours>', points: [[64, 0.1], [256, 1], [1024, 10]] },
    { name: 'slow', points: [[64, 100], [256, 100], [1024, 100]] },
    { name: 'not measured', points: [] },
  ],
};

/** The places of each line's points. */
const lines = (svg: string): number[][][] =>
  [...svg.matchAll(/<polyline [^>]*points="([^"]+)"/g)].map(([, points = '']) => points.split(' ').map((point) => point.split(',').map(Number)));

describe('a chart', () => {
  const svg = drawChart(CURVE);

  test('places values in proportion to their logarithms', () => {
    const [fast = [], slow = []] = lines(svg);
    const [first = [], second = [], third = []] = fast;
    expect(second[0]! - first[0]!).toBeCloseTo(third[0]! - second[0]!, 0);
    expect(first[1]! - second[1]!).toBeCloseTo(second[1]! - third[1]!, 0);
    expect(first[1]!).toBeGreaterThan(third[1]!); // more is higher up
    expect(new Set(slow.map(([, y]) => y)).size).toBe(1);
  });

  test('keeps all points and labels inside the picture', () => {
    const [, width = 0, height = 0] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)?.map(Number) ?? [];
    const places = [...svg.matchAll(/ (?:x|cx|x1|x2)="([\d.-]+)"/g)].map(([, x]) => Number(x));
    const heights = [...svg.matchAll(/ (?:y|cy|y1|y2)="([\d.-]+)"/g)].map(([, y]) => Number(y));
    expect(places.filter((x) => x < 0 || x > width)).toEqual([]);
    expect(heights.filter((y) => y < 0 || y > height)).toEqual([]);
  });

  test('names title, axes, ticks and every series that has points, as text of XML', () => {
    for (const text of ['Cost &amp; size', 'bytes', '64 B', '1 KiB', '100 ns', '100 µs', 'fast &lt;ours&gt;', 'slow']) expect(svg).toContain(`>${text}</`);
    expect(svg).not.toContain('not measured');
    expect(lines(svg)).toHaveLength(2);
  });

  test('closes each element that it opens', () => {
    const open: string[] = [];
    for (const [, slash, name = '', self] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (slash === '/') expect(open.pop()).toBe(name);
      else if (self === '') open.push(name);
    }
    expect(open).toEqual([]);
  });

  test('has colours for light and for dark pages', () => {
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).toContain('class="page"');
  });
});

test('a chart whose values are all equal still has an axis', () => {
  const svg = drawChart({ ...CURVE, series: [{ name: 'one', points: [[64, 5]] }] });
  expect(svg).not.toMatch(/NaN|Infinity/);
  expect(lines(svg)).toHaveLength(1);
});

test.each([
  [0.0551, 'µs', '55.1 ns'],
  [1234, 'µs', '1.23 ms'],
  [2e6, 'µs', '2 s'],
  [0.5, 'MiB', '0.5 MiB'],
  [2048, 'MiB', '2 GiB'],
  [65_536, 'bytes', '64 KiB'],
  [10_000, '', '10,000'],
])('%d with the unit %j reads %s', (value, unit, label) => {
  expect(labelOf(value, unit)).toBe(label);
});
