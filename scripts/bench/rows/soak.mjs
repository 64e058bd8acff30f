/** Memory of host and child after many calls of each way. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { memoryOf, noMemory } from '../processes.mjs';
import { textOf } from '../text.mjs';

const IN_FLIGHT = 64;
const SAMPLES = 5;
/** V8 enlarges its heaps during the first millions of calls, and then no more. */
const WARM_UP_PARTS = 2;
/** MiB. More than this between the first sample after the warm-up and the last is growth. */
const LEVEL = 16;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const inBatches = (call) => () => Promise.all(Array.from({ length: IN_FLIGHT }, call));
const oneByOne = (call) => async () => {
  for (let i = 0; i < IN_FLIGHT; i++) await call();
};

/** What the processes have after each part of the calls, in MiB. */
async function memoryAfter(calls, batch, pids) {
  const samples = [];
  for (let part = 1; part <= WARM_UP_PARTS + SAMPLES; part++) {
    for (let done = 0; done < calls / SAMPLES; done += IN_FLIGHT) await batch();
    collectGarbage();
    if (part >= WARM_UP_PARTS) samples.push(pids.reduce((sum, pid) => sum + memoryOf(pid).own, memoryOf('self').own));
  }
  return samples;
}

export async function* rows({ openChild, workerEcho, inlineEcho, soakCalls }) {
  if (noMemory !== undefined) {
    yield { name: 'memory after many calls', limit: LEVEL, skipped: noMemory };
    return;
  }
  const text = textOf(1024);
  const child = await openChild();
  const socketChild = await openChild({ transport: 'socket' });
  const isolated = (from) => () => from.tool('echo').callRaw(text);
  const isolatedInline = child.tool('echo-inline');
  const ways = [
    { way: 'in-process, INLINE, synchronous', batch: oneByOne(() => inlineEcho.syncRaw(text)) },
    { way: 'in-process, INLINE', batch: inBatches(() => inlineEcho.callRaw(text)) },
    { way: 'in-process, one in flight', batch: oneByOne(() => workerEcho.callRaw(text)) },
    { way: `in-process, ${IN_FLIGHT} in flight`, batch: inBatches(() => workerEcho.callRaw(text)) },
    { way: 'isolated, one in flight', batch: oneByOne(isolated(child)), pids: [child.pid] },
    { way: `isolated, ${IN_FLIGHT} in flight`, batch: inBatches(isolated(child)), pids: [child.pid] },
    {
      way: 'isolated, INLINE, synchronous',
      skipped: isolatedInline.syncRaw === undefined ? 'a tool in a child has no sync' : undefined,
      batch: oneByOne(() => isolatedInline.syncRaw(text)),
      pids: [child.pid],
    },
    { way: `isolated by socket, ${IN_FLIGHT} in flight`, batch: inBatches(() => isolated(socketChild)()), pids: [socketChild.pid] },
  ];
  for (const { way, batch, skipped, pids = [] } of ways) {
    const growth = async () => {
      const samples = await memoryAfter(soakCalls, batch, pids);
      return samples.at(-1) - samples[0];
    };
    yield { name: `growth of memory over ${soakCalls} calls, ${way}`, unit: 'MiB', limit: LEVEL, skipped, value: growth };
  }
  await child.close();
  await socketChild.close();
}
