import { readFileSync } from 'node:fs';

/** How much of a mapping of this process is in memory, in bytes. Linux only; 0 if the system does not say. */
export function residentBytesAt(address: number): number {
  try {
    const maps = readFileSync('/proc/self/smaps', 'utf8');
    const begin = maps.search(new RegExp(`^0*${address.toString(16)}-`, 'm'));
    const kib = begin < 0 ? undefined : /^Rss:\s+(\d+) kB$/m.exec(maps.slice(begin))?.[1];
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0;
  }
}
