/** What a sandbox costs: the start of a child, its calls, and its memory. */
import { DynamicPluginLoader, ProcessLoader } from 'aisopod-plugin';
import { NO_GRANTS } from '../../../build/modules/isolation/sandbox/grants.js';
import { sandboxSupport } from '../../../build/modules/isolation/sandbox/probe.js';
import { againAsync, nanosecondsOf } from '../measure.mjs';
import { ONE_PLUGIN } from '../native.mjs';
import { requestFor } from '../open-plugin.mjs';
import { memoryOf, noMemory } from '../processes.mjs';
import { textOf } from '../text.mjs';

const PLAN = { roundMs: 20, warmUpRounds: 5, rounds: 41 };
const grantsOf = ({ path }) => ({ ...NO_GRANTS, read: [path] });

/** From nothing until the plugin is loaded in a child of its own. */
const load = (grants) => async () => {
  const options = { hostVersion: '1.0.0', pluginDirs: [ONE_PLUGIN] };
  const { candidates } = await new DynamicPluginLoader(options).discover();
  let plugin;
  const took = await nanosecondsOf(async () => {
    plugin = await new ProcessLoader({ hostVersion: '1.0.0' }).loadPlugin(candidates[0], requestFor(grants?.(candidates[0])));
  });
  await plugin[Symbol.asyncDispose]();
  return took;
};

export async function* rows({ openChild }) {
  const { level, reason } = sandboxSupport();
  if (level === 'none') {
    yield { name: 'a sandboxed child', limit: 25, skipped: `needs a sandbox: ${reason}` };
    return;
  }
  const without = 'without a sandbox';
  yield { name: 'load a plugin in a sandboxed child', unit: 'ms', isSampled: true, ours: load(grantsOf), against: [{ what: without, goal: null, run: load() }] };
  const [inside, outside] = [await openChild({}, grantsOf), await openChild({})];
  const text = textOf(1024);
  const call = ({ tool }) => againAsync(() => tool('echo').callRaw(text));
  yield { name: 'a call of a sandboxed plugin, 1 KB', unit: 'µs', plan: PLAN, ours: call(inside), against: [{ what: without, goal: null, run: call(outside) }] };
  if (noMemory === undefined) yield { name: 'memory of a sandboxed child that no other process shares', unit: 'MiB', limit: 25, value: () => memoryOf(inside.pid).own };
  else yield { name: 'memory of a sandboxed child', limit: 25, skipped: noMemory };
  await inside.close();
  await outside.close();
}
