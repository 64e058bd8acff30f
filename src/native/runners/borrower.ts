/** What threads are lent to: the queue of one plugin. */
export interface Borrower {
  /** It gets a new thread without waiting for one to become free. */
  readonly isUrgent: boolean;
  /** It keeps its thread, so only a runner will do. */
  readonly isDedicated: boolean;
  /** A thread may be free: borrow it. */
  onFree(): void;
  /** Somebody waits for a thread: give back what can be given back soon. */
  onWanted(): void;
}
