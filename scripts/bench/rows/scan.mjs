/** Finding plugins in a folder with many of them. */
import TOML from '@iarna/toml';
import { DynamicPluginLoader } from 'aisopod-plugin';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nanosecondsOf } from '../measure.mjs';

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

export function* rows({ isQuick }) {
  const count = isQuick ? 200 : 10_000;
  const dir = makeFolders(count);
  const open = () => new DynamicPluginLoader({ pluginDirs: [dir], hostVersion: '1.0.0' });
  const run = () =>
    nanosecondsOf(() => {
      for (const name of readdirSync(dir)) TOML.parse(readFileSync(join(dir, name, MANIFEST), 'utf8'));
    });
  const loader = open();
  const row = (name, goal, discover) => {
    const against = [{ what: 'readdirSync, readFileSync and TOML.parse', goal, run }];
    return { name: `${name} of ${count} folders`, unit: 'ms', isSampled: true, ours: () => nanosecondsOf(discover), against };
  };
  yield row('scan', 2, () => open().discover());
  yield row('rescan', 0.5, () => loader.discover());
}
