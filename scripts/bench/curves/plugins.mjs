/** Start, memory and the cost of a call against the number of plugins. Each point is a new process. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makePlugins } from '../folders.mjs';

const SCRIPT = join(import.meta.dirname, '..', 'start', 'many-plugins.mjs');
const HOMES = [
  { name: 'a child for each', isolation: 'process', counts: [1, 3, 10, 30, 100] },
  { name: 'one child for all', isolation: { process: 'all' }, counts: [1, 3, 10, 30, 100] },
  { name: 'in this process', isolation: 'in-process', counts: [1, 3, 10, 30, 100, 300, 1000] },
];
const QUICK_COUNTS = [1, 3];

const CHARTS = [
  { id: 'plugins-call', figure: 'callUs', title: 'Time of a call against plugins, each called in turn, 1 KB', y: { label: 'time of a call', unit: 'µs' } },
  { id: 'plugins-open', figure: 'openUs', title: 'Time to open a host against its plugins', y: { label: 'time to open the host', unit: 'µs' } },
  { id: 'plugins-memory', figure: 'memoryMiB', title: 'Memory of a host and its children against plugins', y: { label: 'memory of all processes', unit: 'MiB' } },
];

async function measure(isolation, count) {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, JSON.stringify(isolation), makePlugins(count)]);
  return { count, ...JSON.parse(stdout) };
}

export async function curves({ isQuick }) {
  const measured = [];
  for (const { name, isolation, counts } of HOMES) {
    const points = [];
    for (const count of isQuick ? QUICK_COUNTS : counts) points.push(await measure(isolation, count));
    measured.push({ name, points });
  }
  return CHARTS.map(({ id, figure, title, y }) => {
    const seriesOf = ({ name, points }) => ({ name, points: points.filter((point) => point[figure] !== null).map((point) => [point.count, point[figure]]) });
    return { id, title, x: { label: 'plugins', unit: '', base: 10 }, y, series: measured.map(seriesOf) };
  });
}
