import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { systemCode } from '../errors/index.js';
import { Block, libc, wordAt } from './memory.js';

/** The most descriptors that a libuv event loop opens. */
const DESCRIPTORS = 4;

/**
 * Whether one more thread with an event loop can be started now. Node ends the process if it cannot start the thread that
 * enforces a time limit. A host can run out of threads or descriptors and otherwise survive: through too many connections,
 * or through a plugin's child that leaks threads up to the limit of the host's container.
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
    // Another failure, such as a missing /dev/null, does not mean that descriptors ran out.
    return !['EMFILE', 'ENFILE'].includes(systemCode(error) ?? '');
  } finally {
    opened.forEach((descriptor) => closeSync(descriptor));
  }
}

type Native = (...args: number[]) => number;
let start: ((count: number) => number) | undefined;

/** How many of `count` threads can run at once now. Starts them, and ends them before it returns. */
export function countStartable(count: number): number {
  start ??= makeStart();
  return start(count);
}

/** pthread_rwlock_t has 200 bytes on macOS, and fewer elsewhere. */
const LOCK_BYTES = 256;

/**
 * The only way to find out is to start the threads. Each waits for one lock, which this thread holds until all have
 * started, and then ends.
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
