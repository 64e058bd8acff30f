/**
 * `node scripts/soak-updates.mjs [updates, default 1000] [home]`: updates a plugin again and again, between two builds, under calls that
 * never pause. `home` is `process` or `in-process` (default: both). Prints what this process and its children hold, and how long calls
 * took, beside calls of the same plugin while nobody updates it. Exits with 1 if a call failed, or if something leaked.
 */
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildFixtures } from './fixtures.mjs';
import { Holdings } from './soak/holdings.mjs';

const { PluginHost } = createRequire(import.meta.url)('../dist/index.js');

const updates = Number(process.argv[2] ?? 1000);
const homes = process.argv[3] === undefined ? ['process', 'in-process'] : [process.argv[3]];
const IN_FLIGHT = 64;
const WARM_UP = Math.min(20, Math.ceil(updates / 10));
/** How much this process may grow after the first updates. */
const RSS_SLACK = 32 << 20;

const root = mkdtempSync(join(tmpdir(), 'aisopod-updates-'));
process.env.TMPDIR = join(root, 'tmp');
mkdirSync(process.env.TMPDIR);
buildFixtures();
const releases = fileURLToPath(new URL('../build/releases', import.meta.url));

const mapCount = () => (process.platform === 'linux' ? readFileSync('/proc/self/maps', 'utf8').split('\n').length : 0);
const filesIn = (folder) => readdirSync(folder, { recursive: true }).length;
const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const shown = (times) => {
  const sorted = Float64Array.from(times).sort();
  return `p50 ${percentile(sorted, 0.5).toFixed(2)} ms, p99 ${percentile(sorted, 0.99).toFixed(2)} ms, longest ${(sorted.at(-1) ?? 0).toFixed(1)} ms, ${sorted.length} calls`;
};

/** Renames each file over the old one. */
function putBuild(plugin, build) {
  for (const name of readdirSync(join(releases, build))) {
    copyFileSync(join(releases, build, name), join(plugin, `${name}.new`));
    renameSync(join(plugin, `${name}.new`), join(plugin, name));
  }
}

/** Calls without a pause until `stop` is called, which resolves with how long each call took. */
function callOnAndOn(host) {
  const tool = host.find('tool', 'version');
  const times = [];
  let isOver = false;
  const callers = Array.from({ length: IN_FLIGHT }, async () => {
    while (!isOver) {
      const begin = performance.now();
      await tool.call({});
      times.push(performance.now() - begin);
    }
  });
  return async () => {
    isOver = true;
    await Promise.all(callers);
    return times;
  };
}

const whenAlone = async (host) => {
  while (host.explain('reloaded').otherGenerations !== undefined) await pause(5);
};

async function updateOnAndOn(host, plugin, count) {
  for (let update = 1; update <= count; update++) {
    putBuild(plugin, `reloaded-${(update % 2) + 1}`);
    const { outcome, error } = await host.update('reloaded');
    if (outcome !== 'updated') throw error ?? new Error(outcome);
    await whenAlone(host);
  }
}

async function run(home) {
  const folder = mkdtempSync(join(root, 'plugins-'));
  const plugin = join(folder, 'reloaded');
  cpSync(join(releases, 'reloaded-1'), plugin, { recursive: true });
  const own = mkdtempSync(join(root, 'host-'));
  const host = await PluginHost.open({ pluginDirs: [folder], hostVersion: '1.0.0', isolation: home, dataDir: join(own, 'data'), stateDir: join(own, 'state'), updates: { probationMs: 0 } });
  const holdings = new Holdings(process.env.TMPDIR);
  const held = async () => ({ ...(await holdings.settled()), maps: mapCount(), files: filesIn(process.env.TMPDIR) });
  const quiet = callOnAndOn(host);
  await pause(2000);
  const without = await quiet();
  await updateOnAndOn(host, plugin, WARM_UP);
  const before = await held();
  const busy = callOnAndOn(host);
  const begin = performance.now();
  await updateOnAndOn(host, plugin, updates);
  const perUpdate = (performance.now() - begin) / updates;
  const during = await busy();
  const after = await held();
  const leaks = holdings.leaks(before, after);
  for (const what of ['maps', 'files']) if (after[what] > before[what] * 1.1 + 10) leaks.push(`${what} ${before[what]} to ${after[what]}`);
  if (after.rss - before.rss > RSS_SLACK) leaks.push(`resident memory ${before.rss >> 20} to ${after.rss >> 20} MiB`);
  console.log(`${home}: ${updates} updates, ${perUpdate.toFixed(0)} ms each, ${IN_FLIGHT} calls in flight`);
  console.log(`  calls without updates: ${shown(without)}`);
  console.log(`  calls during updates:  ${shown(during)}`);
  holdings.print(before, after);
  console.log(`  maps ${before.maps} to ${after.maps}, files in the temporary folder ${before.files} to ${after.files}, resident ${before.rss >> 20} to ${after.rss >> 20} MiB`);
  console.log(leaks.length === 0 ? '  no leaks' : `  LEAKED: ${leaks.join('; ')}`);
  await host.close();
  return leaks.length === 0;
}

let isGood = true;
for (const home of homes) isGood = (await run(home)) && isGood;
rmSync(root, { recursive: true, force: true });
process.exitCode = isGood ? 0 : 1;
