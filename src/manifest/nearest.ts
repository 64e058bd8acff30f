/** The one of `known` that `word` was most likely meant to be; undefined where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((candidate) => ({ candidate, distance: distance(plain(word), plain(candidate)) }))
    .filter(({ candidate, distance }) => distance <= allowed(candidate))
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
}

/** Spelling variants of one key (`entryPoint`, `entry-point`) count as no distance at all. */
function plain(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, '');
}

function allowed(candidate: string): number {
  return Math.min(3, Math.ceil(candidate.length / 4));
}

/** Levenshtein distance. Words of very different length are far apart by that alone, whatever a stranger wrote. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
