/** Scans a folder and activates its plugins with this package. Prints nanoseconds. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamicPluginLoader, PluginRegistry } from 'aisopod-plugin';

const [folder] = process.argv.slice(2);
const dataDir = mkdtempSync(join(tmpdir(), 'aisopod-bench-'));
const start = process.hrtime.bigint();

const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir });
const { refused } = await new DynamicPluginLoader({ hostVersion: '1.0.0', pluginDirs: [folder] }).loadAll(registry);
const { failed } = await registry.initAll();

const took = process.hrtime.bigint() - start;
rmSync(dataDir, { recursive: true });
if (refused.length > 0 || failed.length > 0) throw (refused[0] ?? failed[0]).error;
console.log(String(took));
process.exit();
