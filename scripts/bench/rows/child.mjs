/** What a child costs: its start, and its memory. */
import { DynamicPluginLoader, ProcessLoader } from 'aisopod-plugin';
import { Trace } from '../../../build/modules/report/trace.js';
import { median, nanosecondsOf } from '../measure.mjs';
import { ONE_PLUGIN, TWENTY_PLUGINS } from '../native.mjs';
import { memoryOf, noMemory } from '../processes.mjs';
import { startBareChild } from '../start/bare-child.mjs';
import { nanosecondsIn } from '../start/run.mjs';
import { textOf } from '../text.mjs';

/** Pages that only one of these children has are its own. */
const CHILDREN = 4;
const CALLS = 1000;

/** From the spawn of a child until it is ready for its plugin. A host starts it ahead, which this does not. */
async function spawnToReady() {
  const options = { hostVersion: '1.0.0', pluginDirs: [ONE_PLUGIN] };
  const { candidates } = await new DynamicPluginLoader(options).discover();
  const trace = new Trace();
  const plugin = await new ProcessLoader({ hostVersion: '1.0.0' }).loadPlugin(candidates[0], { trace });
  await plugin[Symbol.asyncDispose]();
  return trace.entries.find(({ check }) => check === 'starting its process').durationMs * 1e6;
}

async function bareSpawnToReady() {
  let child;
  const took = await nanosecondsOf(async () => {
    child = await startBareChild();
  });
  child.kill('SIGKILL');
  return took;
}

async function* memoryRows(openChild) {
  if (noMemory !== undefined) {
    yield { name: 'memory of a child', limit: 20, skipped: noMemory };
    return;
  }
  const children = await Promise.all(Array.from({ length: CHILDREN }, () => openChild()));
  const own = () => median(children.map(({ pid }) => memoryOf(pid).own));
  const row = (when) => ({ name: `memory of a child that no other process shares, ${when}`, unit: 'MiB', limit: 20, value: own });
  yield row('before its first call');
  const text = textOf(1024);
  for (const { tool } of children) for (let i = 0; i < CALLS; i++) await tool('echo').callRaw(text);
  yield row(`after ${CALLS} calls`);
  for (const { close } of children) await close();
}

export async function* rows({ openChild }) {
  yield {
    name: 'a child, from spawn to ready',
    unit: 'ms',
    isSampled: true,
    ours: spawnToReady,
    against: [{ what: 'a child that only loads koffi', goal: 1.8, run: bareSpawnToReady }],
  };
  yield {
    name: 'host open with ten isolated plugins',
    unit: 'ms',
    isSampled: true,
    plan: { rounds: 11 },
    ours: nanosecondsIn('ten-isolated.mjs', TWENTY_PLUGINS),
    against: [{ what: 'ten children that only load koffi, at once', goal: 1.5, run: nanosecondsIn('ten-bare.mjs') }],
  };
  yield* memoryRows(openChild);
}
