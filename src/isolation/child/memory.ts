import { readFileSync, writeFileSync } from 'node:fs';
import { flushOutput, limitMemory } from '../../library/index.js';

/** Of at most 1000. Any process may raise its own. */
const OOM_SCORE_ADJ = '500';

/** Where memory runs out, the kernel is to take this process before its host. Linux only. */
export function offerToOomKiller(): void {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/oom_score_adj', OOM_SCORE_ADJ);
  } catch {
    // A container may forbid it; then the kernel chooses by size.
  }
}

/** Lets plugins allocate `bytes` beside what this process has without them. Linux only. */
export async function limitPluginMemory(bytes: number): Promise<void> {
  if (process.platform !== 'linux') return;
  await flushOutput(); // any native call: it starts the threads of the pool, whose stacks count too
  const own = /^VmData:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (own !== undefined) limitMemory(Number(own) * 1024 + bytes);
}
