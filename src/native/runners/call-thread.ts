import type { NativeCall } from '../../library/native-call.js';

/** A thread beside the main one that makes native calls, one after the other. */
export interface CallThread {
  /** How many calls it takes before the first has returned. */
  readonly capacity: number;
  /**
   * `waitsForRelease`: after a reply that owns memory it begins no other call before `resume`. `onReturn` runs later, on the
   * main thread. Returns a number for `takeBack`.
   */
  run(call: NativeCall, waitsForRelease: boolean, onReturn: (result: number) => void): number;
  /** There is no room in its ring. */
  readonly isFull: boolean;
  /** Returns false if the call has begun; else it never will. */
  takeBack(call: number): boolean;
  /** All that returned has been handled, and its memory released. */
  resume(): void;
}
