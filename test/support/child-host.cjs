/** For scripts of runChild: a host on the built package, with the fixtures that it names. */
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { DynamicPluginLoader, MANIFEST_FILENAME, PluginRegistry, readManifest } = require('../../dist/index.js');

const fixtures = path.join(__dirname, '../../build/fixtures');
const silent = { debug() {}, info() {}, warn() {}, error() {} };

const dataDirs = [];
process.on('exit', () => {
  for (const dataDir of dataDirs) rmSync(dataDir, { recursive: true, force: true });
});

/** A fixture as a scan finds it. Scanning all of them takes longer than most tests. */
async function fixture(id) {
  const folder = path.join(fixtures, id);
  const manifestPath = path.join(folder, MANIFEST_FILENAME);
  return { id, path: folder, manifestPath, manifest: await readManifest(manifestPath, { hostVersion: '1.0.0' }) };
}

/** Loads fixtures one by one, and throws what refuses one. */
async function openHost(names, { logger = silent, timeouts, active = true } = {}) {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'aisopod-child-'));
  dataDirs.push(dataDir);
  const loader = new DynamicPluginLoader({ pluginDirs: [fixtures], hostVersion: '1.0.0', logger, timeouts });
  const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir, logger });
  for (const name of names) await registry.register(await loader.loadPlugin(await fixture(name)));
  if (active) await registry.initAll();
  return { loader, registry, tool: (name) => registry.tool(name) };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

module.exports = { openHost, fixture, pause, fixtures };
