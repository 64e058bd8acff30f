import { statSync } from 'node:fs';
import { VMSTAT, locateOomKills, locateRefusedThreads, readCounter, type Counter } from './kernel-counters.js';

/** Where a counter of the kernel's stood. Plain data: kept on disk, compared by a later process in the same boot. */
export interface CountedShortage extends Counter {
  readonly of: 'memory' | 'threads';
  /** Tells a cgroup from a later one of the same name, which counts from 0. */
  readonly inode: number;
  readonly count: number;
}

type Located = Counter & Pick<CountedShortage, 'of'>;

/** Found once: looking for them costs ten times as much as reading them. */
let located: readonly Located[] | undefined;

/** The memory counter of the whole system comes after the cgroup's, which says more. */
const locate = (): readonly Located[] => [
  ...[...locateOomKills().slice(0, 1), VMSTAT].map((counter) => ({ of: 'memory' as const, ...counter })),
  ...locateRefusedThreads().map((counter) => ({ of: 'threads' as const, ...counter })),
];

/** What the kernel has refused so far. */
export const countShortages = (): readonly CountedShortage[] => (located ??= locate()).flatMap((counter) => count(counter) ?? []);

/** What has run out since. The whole system's memory counter is asked only if the cgroup is gone. */
export function shortageSince(before: readonly CountedShortage[]): CountedShortage['of'] | undefined {
  const compared = before.flatMap((earlier) => {
    const now = count(earlier);
    return now?.inode === earlier.inode ? [{ of: now.of, hasRisen: now.count > earlier.count }] : [];
  });
  if (compared.find(({ of }) => of === 'memory')?.hasRisen === true) return 'memory';
  return compared.some(({ of, hasRisen }) => of === 'threads' && hasRisen) ? 'threads' : undefined;
}

function count({ of, file, key }: Located): CountedShortage | undefined {
  try {
    const { ino: inode } = statSync(file);
    const value = readCounter({ file, key });
    return value === undefined ? undefined : { of, file, key, inode, count: value };
  } catch {
    return undefined;
  }
}
