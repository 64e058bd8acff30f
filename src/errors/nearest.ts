/** The name in `known` that is closest to `word`, or undefined if none is close. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, distance: distance(plain(word), plain(candidate)) }))
    .filter(({ candidate, distance }) => distance <= allowed(candidate))
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
}

/** Spelling variants of one key (`entryPoint`, `entry-point`) have distance 0. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, '');
}

function allowed(candidate: string): number {
  return Math.min(3, Math.ceil(candidate.length / 4));
}

/**
 * Edit distance: insertions, deletions, replacements, and swaps of neighbours. Infinity if the lengths differ by more
 * than 3, so that a very long key in an untrusted file costs nothing.
 */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return Infinity;
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(i - 2, j - 2) + 1 : Infinity;
      row.push(Math.min(replaced, swapped, at(i - 1, j) + 1, at(i, j - 1) + 1));
    }
  }
  return at(a.length, b.length);
}
