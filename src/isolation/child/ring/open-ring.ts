import { closeSync } from 'node:fs';
import { keepFromPrograms, mapSharedMemory } from '../../../library/index.js';
import { DOORBELL_FD, MEMORY_FD } from '../../wire/messages.js';
import { MEMORY_BYTES } from '../../wire/shared-memory/layout.js';
import { ChildRing } from './child-ring.js';

/**
 * Opens the memory that the host shares, if there is room for it. Programs that a plugin starts get neither it nor the doorbell.
 */
export function openRing(): ChildRing | undefined {
  const memory = mapSharedMemory(MEMORY_FD, MEMORY_BYTES);
  closeSync(MEMORY_FD);
  keepFromPrograms(DOORBELL_FD);
  return memory && new ChildRing(memory);
}
