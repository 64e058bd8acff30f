import { dirname } from 'node:path';
import { mayRunFrom } from '../files/may-run-from.js';
import type { Candidate } from '../scan/index.js';
import { CopyLease, type IsFree } from '../trust/index.js';

/** Makes a private copy of the plugin. Resolves with the path of the library in it. */
type Copy = (candidate: Candidate, isFree: IsFree) => Promise<string>;

/**
 * A private copy of a plugin that runs from its folder in a shared child. That child ends with a later generation that crashes it, and the
 * folder then has the files of that one: the plugin is started again from this copy.
 */
export class SpareCopy {
  private constructor(
    readonly library: string,
    private readonly lease: CopyLease,
  ) {}

  /** `undefined` if no copy can be made, or run where it is. Never rejects: what keeps a plugin from being copied is reported when it is loaded. */
  static async of(candidate: Candidate, copy: Copy): Promise<SpareCopy | undefined> {
    const lease = new CopyLease();
    try {
      const library = await copy(candidate, lease.take);
      if (mayRunFrom(dirname(library))) return new SpareCopy(library, lease);
    } catch {
      // There is no rollback to this version.
    }
    await lease.release();
    return undefined;
  }

  release(): Promise<void> {
    return this.lease.release();
  }
}
