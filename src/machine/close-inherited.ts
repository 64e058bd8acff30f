import { closeSync, existsSync, readFileSync, readdirSync } from 'node:fs';

/** Returns whether programs that this process starts inherit a descriptor, as it does itself with those of the host. */
type IsInheritable = (fd: number) => boolean;

/**
 * Closes descriptors that the host itself had inherited and passed on: a file, a pipe, a server's socket. Node makes its own
 * descriptors non-inheritable, which tells them apart. Those up to `lastOwn` are this program's. Without `isInheritable` it asks
 * the system's list, and returns false if there is none. On Windows nothing is closed: a child inherits every
 * handle that the host itself has inherited, and no list of them says which of them Node needs.
 */
export function closeInherited(lastOwn: number, isInheritable: IsInheritable | undefined = listed()): boolean {
  if (process.platform === 'win32') return true;
  if (isInheritable === undefined) return false;
  for (const fd of openDescriptors()) if (fd > lastOwn && isInheritable(fd)) closeSync(fd);
  return true;
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

/** Linux shows the flags of each descriptor, in octal. */
const INFO = '/proc/self/fdinfo';
const O_CLOEXEC = 0o2000000;

function listed(): IsInheritable | undefined {
  if (process.platform !== 'linux' || !existsSync(`${INFO}/0`)) return undefined;
  return (fd) => {
    const flags = flagsOf(fd);
    return flags !== undefined && (flags & O_CLOEXEC) === 0;
  };
}

/** Returns `undefined` if it is not open any more, as the one that the list was read with. */
function flagsOf(fd: number): number | undefined {
  try {
    const octal = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`${INFO}/${fd}`, 'utf8'))?.[1];
    return octal === undefined ? undefined : Number.parseInt(octal, 8);
  } catch {
    return undefined;
  }
}
