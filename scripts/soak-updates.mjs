/**
 * `node scripts/soak-updates.mjs [updates, default 1000] [home]`: updates a plugin again and again, between two builds, under calls that
 * never pause. `home` is `process` or `in-process` (default: both). Prints what this process and its children hold, and how long calls
 * took, beside calls of the same plugin while nobody updates it. Exits with 1 if a call failed, or if something leaked.
 *
 * Memory is looked at after each tenth of the updates, with the garbage collected: the calls make V8's heap and libc's larger at first, so a
 * leak is what grows from the first samples to the last.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Holdings, collectGarbage, growthOf } from './soak/holdings.mjs';
import { IN_FLIGHT, openReloaded, percentile } from './updates/reloaded.mjs';

const updates = Number(process.argv[2] ?? 1000);
const homes = process.argv[3] === undefined ? ['process', 'in-process'] : [process.argv[3]];
const WARM_UP = Math.min(20, Math.ceil(updates / 10));
const QUIET_MS = 2000;
/** How much memory may grow from the first samples to the last. */
const SLACK = { heap: 8 << 20, rss: 24 << 20 };
const SAMPLES = 10;

/** Mapped files: V8 and libc map more or less other memory as they need it. */
const mapCount = () => (process.platform === 'linux' ? readFileSync('/proc/self/maps', 'utf8').split('\n').filter((line) => line.includes('/')).length : 0);
const filesIn = (folder) => readdirSync(folder, { recursive: true }).length;
const mebibytes = (bytes) => (bytes / 2 ** 20).toFixed(1);
const shown = (sorted) => {
  const [p50, p99, longest] = [0.5, 0.99, 1].map((share) => percentile(sorted, share).toFixed(2));
  return `p50 ${p50} ms, p99 ${p99} ms, longest ${longest} ms, of the last ${sorted.length} calls`;
};

async function updateTimes(plugin, count) {
  const begin = performance.now();
  for (let done = 0; done < count; done++) await plugin.update();
  return (performance.now() - begin) / count;
}

/** Updates it `updates` times. Returns the milliseconds of one, and samples of the memory. */
async function updateAll(plugin) {
  const memory = [];
  let ms = 0;
  for (let sample = 0; sample < SAMPLES; sample++) {
    ms += await updateTimes(plugin, Math.ceil(updates / SAMPLES));
    collectGarbage();
    await pause(10);
    collectGarbage();
    const { heapUsed: heap, rss } = process.memoryUsage();
    memory.push({ heap, rss });
  }
  return { perUpdate: ms / SAMPLES, memory };
}

async function run(home) {
  const plugin = await openReloaded(home);
  const holdings = new Holdings(plugin.copyDir);
  const hold = async (before) => ({ ...(await holdings.settled(before)), maps: mapCount(), files: filesIn(plugin.copyDir) });
  let stop = plugin.callOnAndOn();
  await pause(QUIET_MS);
  const without = await stop();
  await updateTimes(plugin, WARM_UP);
  const before = await hold();
  stop = plugin.callOnAndOn();
  const { perUpdate, memory } = await updateAll(plugin);
  const during = await stop();
  const after = await hold(before);
  const leaks = holdings.leaks(before, after);
  for (const what of ['maps', 'files']) if (after[what] > before[what] * 1.1 + 10) leaks.push(`${what} ${before[what]} to ${after[what]}`);
  for (const what of ['heap', 'rss']) if (growthOf(memory.map((sample) => sample[what])) > SLACK[what]) leaks.push(`memory (${what})`);
  console.log(`${home}: ${updates} updates, ${perUpdate.toFixed(0)} ms each, ${IN_FLIGHT} calls in flight`);
  console.log(`  calls without updates: ${shown(without)}`);
  console.log(`  calls during updates:  ${shown(during)}`);
  holdings.print(before, after);
  console.log(`  mapped files ${before.maps} to ${after.maps}, files of private copies ${before.files} to ${after.files}`);
  for (const what of ['heap', 'rss']) console.log(`  ${what} in MiB: ${memory.map((sample) => mebibytes(sample[what])).join(' ')}`);
  console.log(leaks.length === 0 ? '  no leaks' : `  LEAKED: ${leaks.join('; ')}`);
  await plugin.close();
  return leaks.length === 0;
}

let isGood = true;
for (const home of homes) isGood = (await run(home)) && isGood;
process.exitCode = isGood ? 0 : 1;
