import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { CRASHER_FAULTS, invokeAny, invokeGood } from './invocations.mjs';

const { PluginHost } = createRequire(import.meta.url)('../../dist/index.js');

const LIFE_STEPS = ['constructor', 'create', 'register', 'init', 'shutdown', 'destructor'];
const CALLERS = 6;
/** Longer than the longest deadline of an invocation. */
const MAX_WAIT_MS = 20_000;

const ignore = () => undefined;
const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Two hosts, since both good-c and the others have a tool `pending`. What would end the host does not run in its process. */
const hostsIn = (home) => (home === 'in-process' ? [['good-c']] : [['good-c'], ['rule-breaker', 'crasher']]);

/** Opens hosts, runs concurrent callers for a while, and closes the hosts with invocations in progress. */
export async function runRound(setting) {
  const { random, ledger, home } = setting;
  const plugins = hostsIn(home);
  const hosts = await Promise.all(plugins.map((ids) => openHost(ids, setting)));
  const hostOf = (id) => hosts[plugins.findIndex((ids) => ids.includes(id))];
  const invoke = home === 'in-process' ? invokeGood : invokeAny;
  let isOver = false;
  const callers = Array.from({ length: CALLERS }, async () => {
    while (!isOver) {
      const burst = random.chance(0.05) ? random.between(2, 50) : 1;
      await Promise.all(Array.from({ length: burst }, () => invoke(hostOf, random, ledger)));
      await pause(random.between(0, 5));
    }
  });
  const end = Date.now() + random.between(500, 4000);
  while (Date.now() < end) {
    await pause(random.between(0, 500));
    if (random.chance(0.3)) await changeAny(hosts, setting);
  }
  isOver = true;
  await Promise.all(hosts.map((host) => host.close()));
  const isDone = await Promise.race([Promise.all(callers).then(() => true), pause(MAX_WAIT_MS, false)]);
  if (!isDone) ledger.violate(`still open ${MAX_WAIT_MS} ms after the hosts were closed: ${ledger.open.join(', ')}`);
}

/** Disables and enables a plugin, or reconfigures it, during calls and crashes. */
async function changeAny(hosts, { random, ledger, home }) {
  const [host, id] = random.pick(hostsIn(home).flatMap((ids, i) => ids.map((each) => [hosts[i], each])));
  try {
    if (random.chance(0.5)) await host.reconfigure(id, { greeting: String(random.between(0, 9)) });
    else {
      await host.disable(id);
      await host.enable(id);
    }
  } catch (error) {
    if (typeof error?.code !== 'string' || !error.code.startsWith('ERR_')) ledger.violate(`a change of ${id} failed with ${error?.stack ?? error}`);
  }
}

function openHost(ids, { plugins, dataDir, random, ledger, home }) {
  const fault = random.chance(0.3) ? `${random.pick(LIFE_STEPS)}:${random.pick(CRASHER_FAULTS)}` : 'none:none';
  return PluginHost.open({
    pluginDirs: [plugins],
    hostVersion: '1.0.0',
    dataDir,
    logger: quiet,
    disabled: hostsIn('process').flat().filter((id) => !ids.includes(id)),
    timeouts: { create: 2000, register: 2000, init: 2000, shutdown: 1000 },
    isolation: () => isolationIn(home, random),
    processes: {
      transport: home === 'socket' ? 'socket' : 'auto',
      env: { AISOPOD_FIXTURE_FAULT: fault },
      memoryLimitBytes: 512 << 20,
      graceMs: 200,
      restart: { firstPauseMs: 10, longestPauseMs: 50, most: random.pick([0, 3, 1000]) },
      onCrash: (crash) => ledger.crashed(crash),
    },
  });
}

function isolationIn(home, random) {
  if (home === 'in-process') return home;
  return random.chance(0.3) ? { process: 'shared' } : 'process';
}
