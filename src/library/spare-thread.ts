import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { systemCode } from '../errors/index.js';
import { Block, libc, wordAt } from './memory.js';

/** An event loop of libuv opens so many at most. */
const DESCRIPTORS = 4;

/**
 * Whether one more thread with an event loop can be started now. Node ends the whole process where it cannot start the
 * one that watches over a time limit, and a process runs out of both in ways that it survives otherwise: too many
 * connections, or a plugin's child that leaks threads up to the limit of the host's container.
 */
export function hasSpareThread(): boolean {
  // Windows has no such limits.
  return process.platform === 'win32' || (hasSpareDescriptors() && countStartable(1) === 1);
}

function hasSpareDescriptors(): boolean {
  const opened: number[] = [];
  try {
    while (opened.length < DESCRIPTORS) opened.push(openSync(devNull, 'r'));
    return true;
  } catch (error) {
    // Another failure, such as a /dev/null that is missing, says nothing of how many are left.
    return !['EMFILE', 'ENFILE'].includes(systemCode(error) ?? '');
  } finally {
    opened.forEach((descriptor) => closeSync(descriptor));
  }
}

type Native = (...args: number[]) => number;
let start: ((count: number) => number) | undefined;

/** How many threads could be started now, side by side, of the `count` that are wanted. They have ended when it returns. */
export function countStartable(count: number): number {
  start ??= makeStart();
  return start(count);
}

/** pthread_rwlock_t has 200 bytes on macOS, and fewer elsewhere. */
const LOCK_BYTES = 256;

/**
 * The only way to ask is to start them. Each thread waits for one lock, which this thread holds until all of them have
 * been started, and ends.
 */
function makeStart(): (count: number) => number {
  const native = (name: string, arity: number): Native => libc.func(name, 'int', Array<string>(arity).fill('uintptr_t')) as Native;
  const create = native('pthread_create', 4);
  const join = native('pthread_join', 2);
  const makeLock = native('pthread_rwlock_init', 2);
  const lockForWriting = native('pthread_rwlock_wrlock', 1);
  const unlock = native('pthread_rwlock_unlock', 1);
  const waitForLock = Number(libc.symbol('pthread_rwlock_rdlock') as bigint);
  return (count) => {
    const lock = new Block(LOCK_BYTES);
    const threads = new Block(8 * count);
    makeLock(lock.address, 0);
    lockForWriting(lock.address);
    let started = 0;
    while (started < count && create(threads.address + 8 * started, 0, waitForLock, lock.address) === 0) started++;
    unlock(lock.address);
    for (let thread = 0; thread < started; thread++) join(wordAt(threads.words, 2 * thread), 0);
    return started;
  };
}
