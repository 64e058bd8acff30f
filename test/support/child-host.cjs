/** For scripts of runChild: a host on the built package, with the fixtures that it names. */
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { DynamicPluginLoader, PluginRegistry } = require('../../dist/index.js');

const fixtures = path.join(__dirname, '../../build/fixtures');
const silent = { debug() {}, info() {}, warn() {}, error() {} };

const dataDirs = [];
process.on('exit', () => {
  for (const dataDir of dataDirs) rmSync(dataDir, { recursive: true, force: true });
});

/** Loads fixtures one by one, and throws what refuses one. */
async function openHost(names, { logger = silent, timeouts, active = true } = {}) {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'aisopod-child-'));
  dataDirs.push(dataDir);
  const loader = new DynamicPluginLoader({ pluginDirs: [fixtures], hostVersion: '1.0.0', logger, timeouts });
  const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir, logger });
  const { candidates } = await loader.discover();
  for (const name of names) {
    const candidate = candidates.find(({ id }) => id === name);
    await registry.register(await loader.loadPlugin(candidate));
  }
  if (active) await registry.initAll();
  return { loader, registry, candidates, tool: (name) => registry.tool(name) };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

module.exports = { openHost, pause, fixtures };
