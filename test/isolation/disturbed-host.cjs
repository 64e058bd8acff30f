/**
 * A host that somebody else stops or starves, in a step of its plugin's life. Its one argument, as JSON, says which.
 * It prints `working` when the step is under way, and what came of it when it gets a line on its standard input.
 */
const { mkdtempSync, realpathSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { createInterface } = require('node:readline');
const { DynamicPluginLoader, PluginRegistry, ProcessLoader } = require('../../dist/index.js');
const { fixture, fixtures } = require('../support/child-host.cjs');

const { home, step, deadlineMs, callMs } = JSON.parse(process.argv[2]);
const dataDir = mkdtempSync(path.join(realpathSync(tmpdir()), 'aisopod-host-'));
process.on('exit', () => rmSync(dataDir, { recursive: true, force: true }));

const released = new Promise((resolve) => createInterface(process.stdin).once('line', resolve));
const print = (line) => console.log(line);
const silent = { debug() {}, info: (line) => line === 'working' && print(line), warn() {}, error() {} };
const isStepOfLife = ['constructor', 'create', 'register', 'init'].includes(step);

async function main() {
  const fault = isStepOfLife ? `${step}:work` : 'none';
  process.env.AISOPOD_FIXTURE_FAULT = fault; // in-process
  const timeouts = { create: deadlineMs, register: deadlineMs, init: deadlineMs };
  const options = { hostVersion: '1.0.0', logger: silent, timeouts };
  const inProcess = new DynamicPluginLoader({ ...options, pluginDirs: [fixtures] });
  const processes = { graceMs: 0, heartbeatMs: deadlineMs / 3, restart: { most: 0 }, env: { AISOPOD_FIXTURE_FAULT: fault } };
  const loader = home === 'process' ? new ProcessLoader({ ...options, ...processes }) : inProcess;
  const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir, logger: silent });
  const crasher = await fixture('crasher');

  if (step === 'starting') print('working');
  const plugin = await loader.loadPlugin(crasher);
  await registry.register(plugin);
  const { failed } = await registry.initAll();
  if (failed.length > 0) throw failed[0].error;
  let call;
  if (step === 'release') await registry.tool('release').call({ fault: 'work' });
  if (step === 'call') call = await registry.tool('worker').call({ fault: 'work' }, { timeoutMs: callMs }).catch(({ code }) => code);
  if (step === 'printing') await registry.tool('release').call({ fault: 'print-much' });
  if (step === 'reading') {
    print('working');
    await registry.tool('worker').call({ fault: 'none', input: 'x'.repeat(8 << 20) }, { timeoutMs: Infinity });
  }
  if (step === 'idle') print('working');
  await released;
  const after = await registry.tool('worker').call({ fault: 'none' });
  print(JSON.stringify({ after, call, state: plugin.state, restarts: plugin.restarts, events: plugin.events.map(({ message }) => message) }));
  await registry.shutdownAll();
}

main().catch((error) => {
  print(JSON.stringify({ code: error.code, message: error.message }));
  process.exit(0);
});
