/** Opens a host with all plugins of a folder, with this isolation, and calls each in turn. Prints JSON: times in microseconds, memory in MiB. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PluginHost } from 'aisopod-plugin';
import { median, nanosecondsOf } from '../measure.mjs';
import { memoryOf, noMemory } from '../processes.mjs';
import { textOf } from '../text.mjs';

const ROUNDS = 11;
const MIN_CALLS = 100;

const [home, folder] = process.argv.slice(2);
const isolation = JSON.parse(home);
const ids = readdirSync(folder);
const root = mkdtempSync(join(tmpdir(), 'aisopod-bench-'));

let host;
const openNs = await nanosecondsOf(async () => {
  host = await PluginHost.open({ hostVersion: '1.0.0', pluginDirs: [folder], isolation, dataDir: join(root, 'data'), stateDir: join(root, 'state') });
});
const failure = host.report().find(({ state }) => state !== 'active');
if (failure !== undefined) throw new Error(`${failure.id}: ${failure.message}`);

const tools = ids.map((id) => host.find('tool', `echo-${id}`));
const text = textOf(1024);
const rounds = Math.ceil(MIN_CALLS / tools.length);
const callAll = async () => {
  for (let i = 0; i < rounds; i++) for (const tool of tools) await tool.callRaw(text);
};
await callAll();
const samples = [];
while (samples.length < ROUNDS) samples.push((await nanosecondsOf(callAll)) / (rounds * tools.length));

/** This process and its children, each page divided by the number of processes that share it. */
function memory() {
  if (noMemory !== undefined) return null;
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter((pid) => pid !== '');
  return ['self', ...children].reduce((sum, pid) => sum + memoryOf(pid).pss, 0);
}

console.log(JSON.stringify({ openUs: openNs / 1000, callUs: median(samples) / 1000, memoryMiB: memory() }));
await host.close();
rmSync(root, { recursive: true });
process.exit();
