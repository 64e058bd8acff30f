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
  return process.platform === 'win32' || (hasSpareDescriptors() && canStartThread());
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
let start: (() => boolean) | undefined;

function canStartThread(): boolean {
  start ??= makeStart();
  return start();
}

/** There is no way to ask but to start one: it calls a function of the C library that does nothing, and ends. */
function makeStart(): () => boolean {
  const pthreadCreate = libc.func('pthread_create', 'int', ['uintptr_t', 'uintptr_t', 'uintptr_t', 'uintptr_t']) as Native;
  const pthreadJoin = libc.func('pthread_join', 'int', ['uintptr_t', 'uintptr_t']) as Native;
  const labs = Number(libc.symbol('labs') as bigint);
  const thread = new Block(8);
  return () => {
    if (pthreadCreate(thread.address, 0, labs, 0) !== 0) return false;
    pthreadJoin(wordAt(thread.words, 0), 0);
    return true;
  };
}
