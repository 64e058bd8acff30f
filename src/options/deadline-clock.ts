import { NEVER_MS } from './never.js';
import { clearTimeout, monotonicNow, setImmediate, setTimeout } from '../machine/node-timers.js';
import { Slots } from './slots.js';

/**
 * The clock of all deadlines in this process. One timer serves them all, and ticks only while a deadline is watched.
 *
 * It counts the time in which this process could run. A tick counts what it was set for, however late it comes: a process
 * that was stopped (a debugger, a closed lid, a paused VM) must not find every deadline over when it goes on. A tick that
 * comes very late counts less: the processor time that this process used meanwhile.
 *
 * For a deadline of code that runs on another thread or in another process see process-clock.ts.
 */

/** Something that ends by itself at a moment, in milliseconds of `clockNow()`. */
export interface Expiring {
  readonly deadline: number;
  expire(): void;
}

export interface DeadlineOptions {
  /** Whether the deadline keeps this process running. Default false. */
  readonly keepsRunning?: boolean;
}

/** The most that one tick counts, and so the most that a stop of this process can cost a deadline. */
const MAX_TICK_MS = 250;
/** A tick that is later than this is no ordinary delay. */
const LATE_MS = 50;
/** How long after a stop nothing expires: what came meanwhile is read first. */
const READ_MS = 20;

const watched = new Slots<Expiring>();
let watchedCount = 0;
let keepRunningCount = 0;
/** Nothing is due before this. */
let nextDue = Infinity;

let counted = 0;
/** `monotonicNow()` of the last count. */
let countedAt = 0;
/** How long the timer was set for at the last count. */
let tickMs = 0;
let cpuAt = 0;
let wasLate = false;
let timer: NodeJS.Timeout | undefined;
let isExpiring = false;

/** Milliseconds in which this process could run. Stands still while no deadline is watched. */
export function clockNow(): number {
  return timer === undefined ? counted : counted + Math.min(monotonicNow() - countedAt, tickMs);
}

/** Calls `expire` when its deadline has passed. Returns what `unwatch` takes. */
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

/** Calls `onLate` once, after `ms`; with NEVER_MS or more never. Returns what calls it off. */
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
  setImmediate(expireDue); // what has arrived by now is read first
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
    // One that expires may call another off.
    if (watched.get(slot) !== expiring) continue;
    unwatch(slot, expiring);
    expiring.expire();
  }
  if (watchedCount > 0) startTick(clockNow());
}
