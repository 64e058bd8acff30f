import { existsSync } from 'node:fs';
import { removeHeld } from './held-files.js';

/** The folders of all leases in this process. */
const leased = new Set<string>();

export const isLeased = (folder: string): boolean => leased.has(folder);

/** A private copy for one user alone, which removes it. Other private copies stay until the process ends. */
export class CopyLease {
  readonly #folders: string[] = [];

  /** Takes `folder` unless something is there. */
  readonly take = (folder: string): boolean => {
    if (leased.has(folder) || existsSync(folder)) return false;
    leased.add(folder);
    this.#folders.push(folder);
    return true;
  };

  /** Removes the copy. Never rejects: what cannot be removed now is removed with the other copies of this process. */
  async release(): Promise<void> {
    for (const folder of this.#folders.splice(0)) {
      await removeHeld(folder).catch(() => undefined);
      leased.delete(folder);
    }
  }
}
