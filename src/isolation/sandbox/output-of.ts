import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { readSync } from 'node:fs';
import { closeDescriptor, collectChild, openPipe } from '../../library/index.js';

const POLL_MS = 5;
/** Half a minute in which this process runs: while it is stopped, it does not count. */
const MAX_POLLS = 6000;
/** More than such a program prints. */
const MAX_BYTES = 4096;

/**
 * What a program prints in less than 4 KiB, until it ends; nothing if it cannot start. Not on Windows. Node's spawnSync would never return
 * where something else in this process ignores SIGCHLD, as a native library may.
 */
export function outputOf(program: string, args: readonly string[], env: NodeJS.ProcessEnv): string {
  const pipe = openPipe();
  if (pipe === undefined) return '';
  const { from, to } = pipe;
  try {
    const child = spawn(program, args, { stdio: ['ignore', to, 'ignore'], env, cwd: '/' });
    child.once('error', () => undefined); // it has no pid then
    child.unref(); // Node does not hear of its end
    if (child.pid !== undefined) waitFor(child.pid, () => child.kill('SIGKILL'));
  } catch {
    // No memory for a process: Node throws this, and reports others. What cannot be asked counts as missing.
  } finally {
    closeDescriptor(to); // then the pipe has an end
  }
  const bytes = Buffer.alloc(MAX_BYTES);
  try {
    return bytes.toString('utf8', 0, readSync(from, bytes));
  } finally {
    closeDescriptor(from);
  }
}

function waitFor(pid: number, kill: () => void): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let polls = 0; collectChild(pid).state === 'running'; polls++) {
    if (polls === MAX_POLLS) kill();
    Atomics.wait(never, 0, 0, POLL_MS);
  }
}
