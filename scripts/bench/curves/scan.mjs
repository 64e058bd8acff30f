/** The time to find plugins against the number of folders. */
import { DynamicPluginLoader } from 'aisopod-plugin';
import { makeManifests } from '../folders.mjs';
import { interleave, median, nanosecondsOf } from '../measure.mjs';
import { readAll } from '../rows/scan.mjs';

const COUNTS = [1, 10, 100, 1000, 10_000];
const QUICK_COUNTS = [1, 10];
const ROUNDS = 9;

export async function curves({ isQuick }) {
  const points = { scan: [], 'rescan, nothing changed': [], 'readdirSync, readFileSync, TOML.parse': [] };
  for (const count of isQuick ? QUICK_COUNTS : COUNTS) {
    const folder = makeManifests(count);
    const open = () => new DynamicPluginLoader({ pluginDirs: [folder], hostVersion: '1.0.0' });
    const loader = open();
    await loader.discover();
    const sides = [() => open().discover(), () => loader.discover(), () => readAll(folder)];
    const samples = await interleave(
      sides.map((run) => () => nanosecondsOf(run)),
      isQuick ? 1 : ROUNDS,
    );
    Object.values(points).forEach((each, side) => each.push([count, median(samples[side]) / 1000]));
  }
  return [
    {
      id: 'scan',
      title: 'Time of a scan against plugin folders',
      x: { label: 'plugin folders', unit: '', base: 10 },
      y: { label: 'time of a scan', unit: 'µs' },
      series: Object.entries(points).map(([name, each]) => ({ name, points: each })),
    },
  ];
}
