import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { runChild, type ChildEnd } from '../support/child.js';
import { fixturesRoot, projectRoot } from '../support/fixtures.js';
import { until } from '../support/host.js';
import { startProcess, type HostProcess } from '../trust/host-process.js';

const built = (file: string): string => `require(${JSON.stringify(path.join(projectRoot, 'build/modules', `${file}.js`))})`;

/**
 * A host that loads the plugin crasher into its own process, as a host does: who killed the last one goes into
 * quarantine, and who is there is not loaded. Before it shuts the plugin down, it runs `whenUp`.
 */
const hostWith = (stateDir: string, whenUp: string): string => `
  const { CrashMarkers, Quarantine, pluginKey, quarantineInterrupted } = ${built('quarantine/index')};
  const { DynamicPluginLoader, PluginRegistry } = ${built('index')};
  const { Trace } = ${built('report/trace')};
  const stateDir = ${JSON.stringify(stateDir)};
  const markers = new CrashMarkers({ stateDir });
  const quarantine = new Quarantine({ stateDir });
  const blamed = await quarantineInterrupted(markers, quarantine);
  const loader = new DynamicPluginLoader({ pluginDirs: [${JSON.stringify(fixturesRoot)}], hostVersion: '1.0.0' });
  const registry = new PluginRegistry({ hostVersion: '1.0.0', dataDir: stateDir + '/data' });
  const { candidates } = await loader.discover();
  const candidate = candidates.find(({ id }) => id === 'crasher');
  let watched;
  const trace = new Trace(markers.watch(() => watched));
  const beforeOpen = async (library) => {
    const key = await pluginKey(candidate, library.path, '1.0.0');
    await quarantine.admit(key, candidate);
    watched = { key, pluginId: candidate.id, path: candidate.path };
  };
  let refusal = null;
  try {
    const plugin = await loader.loadPlugin(candidate, { trace, beforeOpen });
    await trace.check('register', 'register', () => registry.register(plugin));
    await trace.check('init', 'init', () => registry.init('crasher'));
  } catch (error) {
    refusal = error;
  }
  ${whenUp}
  if (refusal === null) await trace.check('shutdown', 'shutdown', () => registry.shutdown('crasher'));
`;

/** Runs a host to its end; it prints what it blamed and refused. `fault` is a `step:fault` of native-fixtures/crasher. */
export function runHost(stateDir: string, fault = ''): Promise<ChildEnd> {
  const body = hostWith(stateDir, 'process.stdout.write(JSON.stringify({ blamed, refusal }));');
  return runChild(body, { env: { AISOPOD_FIXTURE_FAULT: fault } });
}

/** Starts a host that says `up` when it is, and stays so until it is told. `first` runs before all. */
export function startHost(stateDir: string, { fault = '', first = '' } = {}): HostProcess {
  return startProcess(`${first}; ${hostWith(stateDir, "say('up'); await told();")}`, { AISOPOD_FIXTURE_FAULT: fault });
}

/** Whether the file of this step is there. Part of a host's script, too. */
function isInside(stateDir: string, step: string): boolean {
  const folder = `${stateDir}/in-process`;
  return existsSync(folder) && readdirSync(folder).some((name) => readFileSync(`${folder}/${name}`, 'utf8').includes(`"step":"${step}"`));
}

/** A host whose plugin does not come out of its constructor, on the main thread. */
export async function hostInConstructor(stateDir: string): Promise<HostProcess> {
  const host = startHost(stateDir, { fault: 'constructor:sleep' });
  await until(() => isInside(stateDir, 'open'));
  return host;
}

/** A host whose plugin does not come out of init, on a worker: the event loop goes on, and has begun to when this returns. */
export async function hostInInit(stateDir: string, first = ''): Promise<HostProcess> {
  const script = `
    const { existsSync, readFileSync, readdirSync } = require('node:fs');
    const watching = setInterval(() => {
      if (!isInside(${JSON.stringify(stateDir)}, 'init')) return;
      clearInterval(watching);
      say('inside');
    }, 5);
    ${isInside.toString()}
    ${first}
  `;
  const host = startHost(stateDir, { fault: 'init:sleep', first: script });
  await host.next();
  return host;
}
