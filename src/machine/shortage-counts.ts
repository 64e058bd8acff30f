import { statSync } from 'node:fs';
import { VMSTAT, locateOomKills, locateRefusedThreads, readCounter, type Counter } from './kernel-counters.js';

/** The value of a kernel counter. Plain data: stored on disk and compared by a later process in the same boot. */
export interface CountedShortage extends Counter {
  readonly of: 'memory' | 'threads';
  /** Distinguishes a cgroup from a later one with the same name, which counts from 0. */
  readonly inode: number;
  readonly count: number;
}

type Located = Counter & Pick<CountedShortage, 'of'>;

/** Located once: finding the counters takes ten times as long as reading them. */
let located: readonly Located[] | undefined;

/** The system-wide memory counter comes after the cgroup's, which is more specific. */
const locate = (): readonly Located[] => [
  ...[...locateOomKills().slice(0, 1), VMSTAT].map((counter) => ({ of: 'memory' as const, ...counter })),
  ...locateRefusedThreads().map((counter) => ({ of: 'threads' as const, ...counter })),
];

/** The current values of all counters. */
export const countShortages = (): readonly CountedShortage[] => (located ??= locate()).flatMap((counter) => count(counter) ?? []);

/** What has run out since `before`. Uses the system-wide memory counter only if the cgroup no longer exists. */
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
