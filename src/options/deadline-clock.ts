import { NEVER_MS } from './never.js';
import { clearTimeout, monotonicNow, setImmediate, setTimeout } from '../machine/node-timers.js';
import { Slots } from './slots.js';

/**
 * The clock for all deadlines in this process. One timer serves them all, and runs only while a deadline is watched.
 *
 * It counts the time in which this process could run. A tick counts at most the time that its timer was set for: if the
 * process was stopped (a debugger, a closed lid, a paused VM), its deadlines must not all expire when it continues. A tick
 * that is very late counts only the processor time that this process used since the last one.
 *
 * For deadlines of code on another thread or in another process, see process-clock.ts.
 */

/** Something that expires at `deadline`, in milliseconds of `clockNow()`. */
export interface Expiring {
  readonly deadline: number;
  expire(): void;
}

export interface DeadlineOptions {
  /** Whether the deadline keeps this process running. Default false. */
  readonly keepsRunning?: boolean;
}

/** The most that one tick counts, and so the most time that a deadline can lose while this process is stopped. */
const MAX_TICK_MS = 250;
/** A tick later than this is treated as very late. */
const LATE_MS = 50;
/** After a stop, nothing expires for this long, so that messages which arrived during the stop are read first. */
const READ_MS = 20;

const watched = new Slots<Expiring>();
let watchedCount = 0;
let keepRunningCount = 0;
/** The earliest deadline, or an earlier time. */
let nextDue = Infinity;

let counted = 0;
/** `monotonicNow()` at the last count. */
let countedAt = 0;
/** The delay of the current timer. */
let tickMs = 0;
let cpuAt = 0;
let wasLate = false;
let timer: NodeJS.Timeout | undefined;
let isExpiring = false;

/** Milliseconds in which this process could run. Does not advance while no deadline is watched. */
export function clockNow(): number {
  return timer === undefined ? counted : counted + Math.min(monotonicNow() - countedAt, tickMs);
}

/** Calls `expire` when the deadline has passed. Returns the slot to pass to `unwatch`. */
export function watch(expiring: Expiring): number {
  watchedCount++;
  const slot = watched.add(expiring);
  if (expiring.deadline < nextDue) nextDue = expiring.deadline;
  if (timer === undefined || expiring.deadline < counted + tickMs) startTick(clockNow());
  return slot;
}

export function unwatch(slot: number, expiring: Expiring): void {
  if (watched.remove(slot, expiring)) watchedCount--;
}

/** Calls `onLate` once, after `ms`; never if `ms` is NEVER_MS or more. Returns a function that cancels the deadline. */
export function deadline(ms: number, onLate: () => void, { keepsRunning = false }: DeadlineOptions = {}): () => void {
  if (ms >= NEVER_MS) return () => undefined;
  let isOver = false;
  const end = (): boolean => {
    if (isOver) return false;
    isOver = true;
    if (keepsRunning && --keepRunningCount === 0) timer?.unref();
    return true;
  };
  const expiring: Expiring = { deadline: clockNow() + ms, expire: () => void (end() && onLate()) };
  const slot = watch(expiring);
  if (keepsRunning && ++keepRunningCount === 1) timer?.ref();
  return () => {
    if (end()) unwatch(slot, expiring);
  };
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function startTick(now: number): void {
  clearTimeout(timer);
  if (timer === undefined) {
    cpuAt = cpuMs();
    wasLate = false;
  }
  counted = now;
  countedAt = monotonicNow();
  tickMs = Math.min(MAX_TICK_MS, Math.max(1, nextDue - now));
  timer = setTimeout(tick, Math.ceil(tickMs));
  if (keepRunningCount === 0) timer.unref();
}

function tick(): void {
  const elapsed = monotonicNow() - countedAt;
  const isLate = elapsed > tickMs + LATE_MS;
  const cpu = cpuMs();
  let now = counted + Math.min(elapsed, tickMs, isLate ? cpu - cpuAt : Infinity);
  cpuAt = cpu;
  if (isLate && !wasLate) now = Math.max(counted, Math.min(now, nextDue - READ_MS));
  wasLate = isLate;
  if (watchedCount === 0) {
    timer = undefined;
    counted = now;
    nextDue = Infinity;
    return;
  }
  startTick(now);
  if (nextDue > now || isExpiring) return;
  isExpiring = true;
  setImmediate(expireDue); // messages that have already arrived are read first
}

function expireDue(): void {
  isExpiring = false;
  nextDue = Infinity;
  const due: (readonly [number, Expiring])[] = [];
  for (const entry of watched.entries()) {
    if (entry[1].deadline <= counted) due.push(entry);
    else nextDue = Math.min(nextDue, entry[1].deadline);
  }
  for (const [slot, expiring] of due) {
    // An earlier one may have cancelled this one.
    if (watched.get(slot) !== expiring) continue;
    unwatch(slot, expiring);
    expiring.expire();
  }
  if (watchedCount > 0) startTick(clockNow());
}
