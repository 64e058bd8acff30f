import { ARCHITECTURE, type Architecture } from './system-calls.js';
import { keepFromPrograms } from '../../library/index.js';
import { askingFilter, connectFilter, firstFilter, secondFilter } from './filters.js';
import { installFilter, installNotifyingFilter } from './install-filter.js';
import { restrictSelf, type SelfRestriction } from './restrict-self.js';
import type { FilterSettings } from './rules.js';
import type { TracedRules } from './trace/traced-rules.js';
import { askedCallNumbers } from './trace/calls.js';
import { hasOwn } from '../../options/own-member.js';

/** What the launcher tells the program that it becomes. */
export interface Seal {
  readonly mayRun: boolean;
  /** The host makes the connections. */
  readonly asksToConnect: boolean;
  /** Descriptors that keep the rules for files in /proc in force: without them the kernel may forget those files, with their rules. */
  readonly pins: readonly number[];
  /** Present if the host is to report what is denied. */
  readonly traced?: { readonly settings: FilterSettings; readonly rules: TracedRules };
}

/** A sandbox that is complete, or is completed when `finish` is called. */
export interface Sealed {
  /**
   * Called last, before the host is told that the process is ready. Returns the descriptor with which the host answers calls, if it does:
   * the host takes a copy, and this process must close it. @throws Error
   */
  readonly finish: () => number | undefined;
  readonly rules?: TracedRules;
}

/** Completes the sandbox that the launcher began, or sets it up where there is no launcher, before any code of a plugin runs. @throws Error */
export function seal(text: string): Sealed {
  const given = JSON.parse(text) as Seal | SelfRestriction;
  if (hasOwn(given, 'system')) {
    restrictSelf(given);
    return { finish: () => undefined };
  }
  const { mayRun, asksToConnect, pins, traced } = given;
  pins.forEach((fd) => keepFromPrograms(fd));
  const architecture = ARCHITECTURE;
  if (architecture === undefined) throw new Error(`there is no sandbox on ${process.platform}-${process.arch}`);
  if (traced !== undefined) return { finish: () => sealTraced(architecture, traced.settings), rules: traced.rules };
  const listener = asksToConnect ? installNotifyingFilter(connectFilter(architecture)) : undefined;
  if (listener !== undefined) keepFromPrograms(listener);
  installFilter(secondFilter(architecture, mayRun), { allThreads: true });
  return { finish: () => listener };
}

/** From here on each open of a file waits for the host. */
function sealTraced(architecture: Architecture, settings: FilterSettings): number {
  const filter = askingFilter(architecture, firstFilter(architecture, settings), askedCallNumbers(architecture));
  const refuseFilters = secondFilter(architecture, true);
  const listener = installNotifyingFilter(filter);
  keepFromPrograms(listener);
  installFilter(refuseFilters, { allThreads: true });
  return listener;
}
