/** For scripts that are hosts of their own: the built package, with fixtures in processes. */
const { mkdtempSync, realpathSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { PluginRegistry, ProcessLoader } = require('../../dist/index.js');
const { fixture } = require('../support/child-host.cjs');

/** Of every child that was started first for a plugin. */
const pids = [];
/** Prints them as the last line. */
const printPidsAtExit = () => process.on('exit', () => console.log(JSON.stringify(pids)));

function ownDataDir() {
  const dataDir = mkdtempSync(path.join(realpathSync(tmpdir()), 'aisopod-host-'));
  process.on('exit', () => rmSync(dataDir, { recursive: true, force: true }));
  return dataDir;
}

/** Loads and initializes fixtures, each in a process of its own; throws what refuses one. */
async function openProcesses(names, { dataDir = ownDataDir(), ...options } = {}) {
  const loader = new ProcessLoader({ hostVersion: '1.0.0', ...options });
  const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir });
  const plugins = [];
  for (const name of names) {
    const plugin = await loader.loadPlugin(await fixture(name));
    plugins.push(plugin);
    pids.push(plugin.pid);
    await registry.register(plugin);
  }
  const { failed } = await registry.initAll();
  if (failed.length > 0) throw failed[0].error;
  return { registry, plugins, tool: (name) => registry.tool(name) };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

module.exports = { openProcesses, pause, printPidsAtExit };
