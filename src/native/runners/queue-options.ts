import type { Borrower } from './borrower.js';

export type QueueOptions = Partial<Pick<Borrower, 'isUrgent' | 'isDedicated'>> & {
  readonly isThreadSafe?: boolean;
  /** `release` counts as inside the plugin, and is called on another thread. */
  readonly waitsForRelease?: boolean;
};
