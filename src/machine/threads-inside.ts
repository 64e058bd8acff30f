import { Buffer } from 'node:buffer';
import { closeSync, openSync, readFileSync, readSync, readdirSync } from 'node:fs';
import { setTimeout } from './node-timers.js';
import { mappings, type AddressRange } from './mapped-file.js';

/** How often a thread that runs is looked at again, and after how long. */
const LOOKS = 100;
const PAUSE_MS = 10;
/** Far more than the used part of any stack that rests. */
const MAX_STACK = 16 << 20;
/** glibc's `struct pthread`, at the end of a stack, has fewer bytes. The function that the thread began with is in it. */
const THREAD_STRUCT = 4096;
const WORD = 8;

/**
 * Whether a thread of this process other than the main one may be in `code`, as the end of a sentence; `undefined` if none is. A thread
 * is if its stack has an address in that code: of a function to return to, or of the one it began with. A thread whose stack
 * cannot be read may be. A thread that was seen outside that code must not enter it any more. Linux only.
 */
export async function threadInside(code: readonly AddressRange[]): Promise<string | undefined> {
  const cleared = new Set([String(process.pid)]); // the main thread is here
  for (let look = 0; ; look++) {
    const found = inspectAll(code, cleared);
    if (found !== 'running') return found;
    if (look === LOOKS) return 'a thread runs without a pause, so its stack cannot be examined';
    await new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Adds the threads that are not in the code to `cleared`. */
function inspectAll(code: readonly AddressRange[], cleared: Set<string>): string | undefined {
  let memory: number;
  let threads: readonly string[];
  try {
    memory = openSync('/proc/self/mem', 'r');
  } catch {
    return 'the stacks of the threads of this process cannot be read';
  }
  try {
    threads = readdirSync('/proc/self/task').filter((id) => !cleared.has(id));
    const states = threads.map((id) => inspect(id, memory, code));
    threads.forEach((id, index) => states[index] === undefined && cleared.add(id));
    return states.find((state) => state !== undefined && state !== 'running') ?? states.find((state) => state === 'running');
  } catch {
    return 'the threads of this process cannot be examined';
  } finally {
    closeSync(memory);
  }
}

function inspect(id: string, memory: number, code: readonly AddressRange[]): string | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/self/task/${id}/syscall`, 'latin1');
  } catch (error) {
    // It has ended, or the system does not tell.
    return ['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '') ? undefined : 'the system does not tell where its threads are';
  }
  const [, stack, counter] = / (0x[0-9a-f]+) (0x[0-9a-f]+)\s*$/.exec(text) ?? [];
  if (stack === undefined || counter === undefined) return 'running';
  const inside = `a thread of it (${id}) still runs`;
  if (isIn(code, Number(counter))) return inside;
  return stackHas(Number(stack), memory, code) ? inside : undefined;
}

/** Reads a stack from its end in use to the thread's own struct, which on x64 begins with its own address. */
function stackHas(from: number, memory: number, code: readonly AddressRange[]): boolean {
  const end = mappings().find((one) => from >= one.from && from < one.to)?.to ?? from;
  const bytes = Buffer.alloc(Math.min(end - from, MAX_STACK));
  const length = readSync(memory, bytes, 0, bytes.length, from);
  let stop = length;
  for (let at = 0; at + WORD <= stop; at += WORD) {
    const word = wordIn(bytes, at);
    if (word === from + at && at + 3 * WORD <= length && wordIn(bytes, at + 2 * WORD) === word) stop = Math.min(stop, at + THREAD_STRUCT);
    if (isIn(code, word)) return true;
  }
  return false;
}

const wordIn = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at + 4) * 2 ** 32 + bytes.readUInt32LE(at);

const isIn = (code: readonly AddressRange[], address: number): boolean => code.some(({ from, to }) => address >= from && address < to);
