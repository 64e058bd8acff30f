import { closeSync } from 'node:fs';
import { keepFromPrograms, mapSharedMemory, openWakener, privateMemory } from '../../../library/index.js';
import { PRIVATE_BYTES } from '../../wire/call-socket/layout.js';
import { CALL_FD, MEMORY_FD, type CallWay } from '../../wire/messages.js';
import { MEMORY_BYTES } from '../../wire/slot-layout.js';
import { ChildRing } from './child-ring.js';
import { MemoryLink } from './memory-link.js';
import type { SlotLink } from './slot-link.js';
import { SocketLink } from './socket-link.js';

/** Opens what the host sends calls through, if this process can use it. Programs that a plugin starts get none of it. */
export function openRing(way: CallWay): ChildRing | undefined {
  keepFromPrograms(CALL_FD);
  const link = way === 'memory' ? openMemoryLink() : openSocketLink();
  return link && new ChildRing(link);
}

/** Returns `undefined` if there is no room for the memory. */
function openMemoryLink(): SlotLink | undefined {
  const memory = mapSharedMemory(MEMORY_FD, MEMORY_BYTES);
  closeSync(MEMORY_FD);
  return memory && new MemoryLink(memory);
}

function openSocketLink(): SlotLink | undefined {
  const memory = privateMemory(PRIVATE_BYTES);
  const wakener = memory && openWakener();
  return wakener && new SocketLink(memory, wakener);
}
