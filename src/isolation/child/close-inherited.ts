import { closeSync, readdirSync } from 'node:fs';
import { isHandedOn } from '../../library/index.js';
import { PROTOCOL_FD } from '../protocol.js';

/**
 * Closes what the host had open from its own parent, and handed on unasked: a file, a pipe, the socket of a server. What
 * Node opens itself is not handed on, which tells the two apart. On Windows nothing is inherited but what is named.
 */
export function closeInherited(): void {
  if (process.platform === 'win32') return;
  for (const name of readdirSync('/dev/fd')) {
    const fd = Number(name);
    if (fd > PROTOCOL_FD && isHandedOn(fd)) closeSync(fd);
  }
}
