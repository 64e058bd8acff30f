/** The plugin `reloaded`, of which there are two builds, in a host of its own: to measure updates. */
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { buildFixtures } from '../fixtures.mjs';

const { PluginHost } = createRequire(import.meta.url)('../../dist/index.js');

export const IN_FLIGHT = 64;
/** Only so many of the last times are kept, so that they do not look like a leak. */
const MAX_TIMES = 1 << 17;
const releases = fileURLToPath(new URL('../../build/releases', import.meta.url));

/** Renames each file over the old one, as an installer does. */
function putBuild(plugin, build) {
  for (const name of readdirSync(join(releases, build))) {
    copyFileSync(join(releases, build, name), join(plugin, `${name}.new`));
    renameSync(join(plugin, `${name}.new`), join(plugin, name));
  }
}

/** Opens a host. `close` also removes its folders. */
export async function openReloaded(home) {
  if (!existsSync(releases)) buildFixtures(); // otherwise tests that run beside this one may be reading them
  const root = mkdtempSync(join(tmpdir(), 'aisopod-updates-'));
  const plugin = join(root, 'plugins', 'reloaded');
  const copyDir = join(root, 'copies');
  mkdirSync(copyDir);
  cpSync(join(releases, 'reloaded-1'), plugin, { recursive: true });
  const folders = { pluginDirs: [join(root, 'plugins')], dataDir: join(root, 'data'), stateDir: join(root, 'state') };
  const host = await PluginHost.open({ ...folders, hostVersion: '1.0.0', isolation: home, trust: { copyDir }, updates: { probationMs: 0 } });
  let updates = 0;
  return {
    copyDir,
    /** Updates it to the other build, and waits until the generation before has ended. */
    async update() {
      putBuild(plugin, `reloaded-${(++updates % 2) + 1}`);
      const { outcome, error } = await host.update('reloaded');
      if (outcome !== 'updated') throw error ?? new Error(outcome);
      while (host.explain('reloaded').otherGenerations !== undefined) await pause(2);
    },
    /** Calls it without a pause until the returned function is called, which resolves with the milliseconds that the last calls took, sorted. */
    callOnAndOn() {
      const tool = host.find('tool', 'version');
      const times = new Float64Array(MAX_TIMES);
      let calls = 0;
      let isOver = false;
      const callers = Array.from({ length: IN_FLIGHT }, async () => {
        while (!isOver) {
          const begin = performance.now();
          await tool.call({});
          times[calls++ % MAX_TIMES] = performance.now() - begin;
        }
      });
      return async () => {
        isOver = true;
        await Promise.all(callers);
        return times.slice(0, calls).sort();
      };
    },
    async close() {
      await host.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

export const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
