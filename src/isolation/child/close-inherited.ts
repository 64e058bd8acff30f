import { closeSync, readdirSync } from 'node:fs';
import { isInheritable } from '../../library/index.js';

/**
 * Closes descriptors that the host itself had inherited and passed on: a file, a pipe, a server's socket. Node makes its own
 * descriptors non-inheritable, which tells them apart. Those up to `lastOwn` are this program's. On Windows nothing is closed: a child inherits every
 * handle that the host itself has inherited, and no list of them says which of them Node needs.
 */
export function closeInherited(lastOwn: number): void {
  if (process.platform === 'win32') return;
  for (const fd of openDescriptors()) if (fd > lastOwn && isInheritable(fd)) closeSync(fd);
}

/** The usual limit of a process. Checked if the system does not list the open descriptors. */
const MAX_DESCRIPTORS = 1024;

function openDescriptors(): readonly number[] {
  for (const folder of ['/dev/fd', '/proc/self/fd']) {
    try {
      return readdirSync(folder).map(Number);
    } catch {
      // Not mounted, for example in a chroot.
    }
  }
  return Array.from({ length: MAX_DESCRIPTORS }, (_, fd) => fd);
}
