import { setTimeout, setImmediate, clearTimeout, clearImmediate } from 'node:timers';
import { NEVER_MS } from '../options/numbers.js';

/**
 * Calls `onLate` after `ms`, when what has come by then has been read: that a host was itself busy or stopped is no
 * lateness of the child's. Returns what calls it off. It does not keep the process running.
 * With NEVER_MS or more it does nothing.
 */
export function deadline(ms: number, onLate: () => void): () => void {
  if (ms >= NEVER_MS) return () => undefined;
  let afterReading: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => (afterReading = setImmediate(onLate)), ms).unref();
  return () => {
    clearTimeout(timer);
    clearImmediate(afterReading);
  };
}
