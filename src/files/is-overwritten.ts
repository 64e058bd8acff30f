import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FileSnapshot } from './file-digest.js';
import { fileStamp } from './file-stamp.js';

/**
 * Whether the file at `path`, which process `pid` has mapped, was written to since it was seen. A new modification time
 * alone does not count. Equal bytes are not enough either: `cp` truncates the file first, and the process then loses the
 * pages that its loader had relocated.
 */
export function isOverwritten({ path, stamp, sha256 }: FileSnapshot, pid: number): boolean {
  const now = fileStamp(path);
  if (stamp === undefined || now?.file !== stamp.file || now.content === stamp.content) return false;
  return sha256 === undefined || sha256 !== digestNow(path) || !hasLoaderPages(pid, path);
}

function digestNow(path: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return undefined;
  }
}

/** The first line of a mapping in /proc/PID/smaps: addresses, permissions, offset, device, inode, path. */
const MAPPING = /^(?=[0-9a-f]+-[0-9a-f]+ )/m;

/**
 * Whether the library's relocated pages still exist. The loader wrote them and then made them read-only, so nothing can
 * have created them later. False if /proc cannot be read.
 */
function hasLoaderPages(pid: number, path: string): boolean {
  try {
    const mappings = readFileSync(`/proc/${pid}/smaps`, 'utf8').split(MAPPING);
    return mappings.some((mapping) => {
      const [head = ''] = mapping.split('\n', 1);
      return head.includes(' r--p ') && head.endsWith(` ${path}`) && /^Anonymous: +[1-9]/m.test(mapping);
    });
  } catch {
    return false;
  }
}
