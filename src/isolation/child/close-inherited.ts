import { closeSync, readdirSync } from 'node:fs';
import { isInheritable } from '../../library/index.js';
import { PROTOCOL_FD } from '../wire/messages.js';

/**
 * Closes what the host had open from its own parent, and handed on unasked: a file, a pipe, the socket of a server. What
 * Node opens itself is not handed on, which tells the two apart. On Windows nothing is inherited but what is named.
 */
export function closeInherited(): void {
  if (process.platform === 'win32') return;
  for (const fd of openDescriptors()) if (fd > PROTOCOL_FD && isInheritable(fd)) closeSync(fd);
}

/** As many as are looked at where the system does not list them: the usual limit of a process. */
const MANY = 1024;

function openDescriptors(): readonly number[] {
  for (const folder of ['/dev/fd', '/proc/self/fd']) {
    try {
      return readdirSync(folder).map(Number);
    } catch {
      // Not mounted, as in a bare chroot.
    }
  }
  return Array.from({ length: MANY }, (_, fd) => fd);
}
