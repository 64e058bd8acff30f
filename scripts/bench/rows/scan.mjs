/** Finding plugins in a folder with many of them. */
import TOML from '@iarna/toml';
import { DynamicPluginLoader } from 'aisopod-plugin';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST, makeManifests } from '../folders.mjs';
import { nanosecondsOf } from '../measure.mjs';

/** The least that finding plugins takes. */
export function readAll(folder) {
  for (const name of readdirSync(folder)) TOML.parse(readFileSync(join(folder, name, MANIFEST), 'utf8'));
}

export function* rows({ isQuick }) {
  const count = isQuick ? 200 : 10_000;
  const folder = makeManifests(count);
  const open = () => new DynamicPluginLoader({ pluginDirs: [folder], hostVersion: '1.0.0' });
  const loader = open();
  const row = (name, goal, discover) => {
    const against = [{ what: 'readdirSync, readFileSync and TOML.parse', goal, run: () => nanosecondsOf(readAll, folder) }];
    return { name: `${name} of ${count} folders`, unit: 'ms', isSampled: true, ours: () => nanosecondsOf(discover), against };
  };
  yield row('scan', 2, () => open().discover());
  yield row('rescan', 0.5, () => loader.discover());
}
