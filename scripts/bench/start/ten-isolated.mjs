/** Opens a host with ten plugins of a folder in children of their own. Prints nanoseconds. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PluginHost } from 'aisopod-plugin';

const [folder] = process.argv.slice(2);
const root = mkdtempSync(join(tmpdir(), 'aisopod-bench-'));
const disabled = readdirSync(folder).slice(10);
const start = process.hrtime.bigint();

const host = await PluginHost.open({
  hostVersion: '1.0.0',
  pluginDirs: [folder],
  disabled,
  dataDir: join(root, 'data'),
  stateDir: join(root, 'state'),
});

const took = process.hrtime.bigint() - start;
const active = host.report().filter(({ state }) => state === 'active');
await host.close();
rmSync(root, { recursive: true });
if (active.length !== 10) throw new Error(`${active.length} of ten plugins are active`);
console.log(String(took));
process.exit();
