/** Finding plugins in a folder with many of them. */
import TOML from '@iarna/toml';
import { DynamicPluginLoader } from 'aisopod-plugin';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MANIFEST = 'aisopod.plugin.toml';

function makeFolders(count) {
  const dir = mkdtempSync(join(tmpdir(), 'aisopod-bench-'));
  process.on('exit', () => rmSync(dir, { recursive: true }));
  for (let i = 0; i < count; i++) {
    mkdirSync(join(dir, `p-${i}`));
    const lines = ['[plugin]', `id = "p-${i}"`, 'name = "P"', 'version = "1.0.0"', 'description = "Something"', 'author = "A"', 'entry_point = "p"', '[capabilities]', `tools = ["t_${i}"]`];
    writeFileSync(join(dir, `p-${i}`, MANIFEST), lines.join('\n'));
  }
  return dir;
}

/** The nanoseconds that one run takes. */
const once = (run) => async () => {
  const start = process.hrtime.bigint();
  await run();
  return Number(process.hrtime.bigint() - start);
};

export function* rows({ isQuick }) {
  const count = isQuick ? 200 : 10_000;
  const dir = makeFolders(count);
  const open = () => new DynamicPluginLoader({ pluginDirs: [dir], hostVersion: '1.0.0' });
  const theirs = once(() => {
    for (const name of readdirSync(dir)) TOML.parse(readFileSync(join(dir, name, MANIFEST), 'utf8'));
  });
  const loader = open();
  const label = `${count} folders, against readdirSync, readFileSync and TOML.parse`;
  yield { name: `scan of ${label}`, unit: 'ms', goal: 2, samples: { ours: once(() => open().discover()), theirs } };
  yield { name: `rescan of ${label}`, unit: 'ms', goal: 0.5, samples: { ours: once(() => loader.discover()), theirs } };
}
