import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { NativeCapability } from '../../../../native/native-capability.js';
import { heapBytes } from '../../../../library/heap-bytes.js';
import { skipped, warning, type DynamicCheck } from '../../check.js';
import { samplesOf, type Sample } from '../inputs/samples.js';
import { withSession, type Session } from '../session.js';
import { row, unfinished } from './row.js';

const WARM_UP = 40;
const CALLS = 150;
const TEXT = 8192;
/** A call that loses less is not found. What Node itself allocates is less than all calls together lose. */
const MAX_GROWTH = CALLS * 4096;
/** A cache grows at first. */
const ROUNDS = 3;

/** Heap in use once JavaScript's garbage is gone. */
function settledHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return heapBytes() ?? 0;
}

/** Returns false if the capability takes too long for many calls. */
async function callOften(session: Session, capability: NativeCapability, { method, input }: Sample, times: number): Promise<boolean> {
  for (let call = 0; call < times; call++) {
    if (session.isOver) return false;
    const { wasCancelled } = await session.call({ capability, method, input });
    if (wasCancelled) return false;
    session.outcomes.length = 0;
    session.host.forget();
  }
  return true;
}

async function growth(session: Session, capability: NativeCapability, sample: Sample): Promise<number> {
  if (!(await callOften(session, capability, sample, WARM_UP))) return 0;
  let least = Infinity;
  for (let round = 0; round < ROUNDS && least > MAX_GROWTH; round++) {
    const before = settledHeap();
    if (!(await callOften(session, capability, sample, CALLS))) return 0;
    least = Math.min(least, settledHeap() - before);
  }
  return least;
}

async function measure(session: Session): Promise<void> {
  if (heapBytes() === undefined) {
    session.findings.push(skipped('this system does not say how much memory is allocated'));
    return;
  }
  for (const capability of session.capabilities) {
    for (const sample of samplesOf(capability.descriptor, { random: session.random, textLength: TEXT })) {
      if (session.isOver || sample.method === 'start') continue;
      const grown = await growth(session, capability, sample);
      if (grown <= MAX_GROWTH) continue;
      session.findings.push(warning(`${capability.descriptor.kind} ${capability.descriptor.name}: each ${CALLS} calls leave ${Math.round(grown / 1024)} KiB more allocated`));
    }
  }
}

export const HEAP_CHECKS: readonly DynamicCheck[] = [
  row(
    { id: 'memory-grows', source: 'ABI: aisopod_capability.invoke', title: 'Calls free the memory that they allocate', breaks: 'The host, or the process of the plugin, runs out of memory.' },
    withSession({ memory: { isDiscarded: true } }, measure, unfinished),
  ),
];
