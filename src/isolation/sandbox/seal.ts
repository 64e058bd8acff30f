import { ARCHITECTURE } from './system-calls.js';
import { keepFromPrograms } from '../../library/index.js';
import { connectFilter, secondFilter } from './filters.js';
import { installFilter, installNotifyingFilter } from './install-filter.js';

/** What the launcher tells the program that it becomes. */
export interface Seal {
  readonly mayRun: boolean;
  /** The host makes the connections. */
  readonly asksToConnect: boolean;
  /** Descriptors that keep the rules for files in /proc in force: without them the kernel may forget those files, with their rules. */
  readonly pins: readonly number[];
}

/**
 * Completes the sandbox that the launcher began, before any code of a plugin runs. Returns the descriptor with which the host
 * answers calls of `connect`, if it does: the host takes a copy, and this process must close it. @throws Error
 */
export function seal(text: string): number | undefined {
  const { mayRun, asksToConnect, pins } = JSON.parse(text) as Seal;
  pins.forEach((fd) => keepFromPrograms(fd));
  if (ARCHITECTURE === undefined) throw new Error(`there is no sandbox on ${process.platform}-${process.arch}`);
  const listener = asksToConnect ? installNotifyingFilter(connectFilter(ARCHITECTURE)) : undefined;
  if (listener !== undefined) keepFromPrograms(listener);
  installFilter(secondFilter(ARCHITECTURE, mayRun), { allThreads: true });
  return listener;
}
