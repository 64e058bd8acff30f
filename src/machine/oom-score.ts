import { writeFileSync } from 'node:fs';

/** The maximum is 1000. A process may always raise its own. */
const OOM_SCORE_ADJ = '500';

/** Makes the kernel kill this process rather than its host when memory runs out. Linux only. */
export function preferForOomKiller(): void {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/oom_score_adj', OOM_SCORE_ADJ);
  } catch {
    // A container may forbid it, or it was done before this process was restricted. Otherwise the kernel chooses by size.
  }
}
