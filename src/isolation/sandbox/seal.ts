import { ARCHITECTURE } from './system-calls.js';
import { keepFromPrograms } from '../../library/index.js';
import { secondFilter } from './filters.js';
import { installFilter } from './install-filter.js';

/** What the launcher tells the program that it becomes. */
export interface Seal {
  readonly mayRun: boolean;
  /** Descriptors that keep the rules for files in /proc in force: without them the kernel may forget those files, with their rules. */
  readonly pins: readonly number[];
}

/** Completes the sandbox that the launcher began, before any code of a plugin runs. @throws Error */
export function seal(text: string): void {
  const { mayRun, pins } = JSON.parse(text) as Seal;
  pins.forEach((fd) => keepFromPrograms(fd));
  if (ARCHITECTURE === undefined) throw new Error(`there is no sandbox on ${process.platform}-${process.arch}`);
  installFilter(secondFilter(ARCHITECTURE, mayRun), { allThreads: true });
}
