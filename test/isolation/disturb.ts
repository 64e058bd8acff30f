import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot, temporaryFolder } from '../support/fixtures.js';
import { pause, until } from '../support/host.js';
import type { Home } from './homes.js';

export type Step = 'starting' | 'constructor' | 'create' | 'register' | 'init' | 'call' | 'reading' | 'release' | 'printing' | 'idle';
export type Victim = 'host' | 'child' | 'both';

export interface Disturbance {
  readonly home: Home;
  readonly step: Step;
  readonly victim: Victim;
  readonly deadlineMs: number;
  /** Returns when it is over. */
  readonly disturb: (pids: readonly number[]) => Promise<void>;
}

/**
 * Shorter than each disturbance. A call has to be answered within it, in the time of its host alone: on a busy machine, printing and
 * waiting for the child take some of it. If only the child is disturbed, the call may fail.
 */
const HEALTHY_CALL_MS = 2500;

const program = path.join(projectRoot, 'test/isolation/disturbed-host.cjs');

/** Starts a host, disturbs it or its child in a step, and returns what it printed of that in the end. */
export async function disturbed({ disturb, home, step, victim, deadlineMs }: Disturbance): Promise<unknown> {
  const argument = JSON.stringify({ home, step, deadlineMs, callMs: victim === 'child' ? deadlineMs : HEALTHY_CALL_MS });
  const host = spawn(process.execPath, [program, argument], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '', TMPDIR: temporaryFolder() } });
  const lines: string[] = [];
  createInterface(host.stdout).on('line', (line) => lines.push(line));
  try {
    await until(() => lines.includes('working') && (victim === 'host' || childOf(host) !== undefined));
    const pids = [victim === 'child' ? undefined : host.pid, victim === 'host' ? undefined : childOf(host)];
    await disturb(pids.filter((pid) => pid !== undefined));
    host.stdin.write('\n');
    await until(() => lines.some((line) => line.startsWith('{')));
    return JSON.parse(lines.find((line) => line.startsWith('{')) ?? '');
  } finally {
    if (host.exitCode === null) {
      host.kill('SIGKILL');
      await once(host, 'exit');
    }
  }
}

/** The child of a host that has one, where there is /proc. */
function childOf(host: ChildProcess): number | undefined {
  return readdirSync('/proc').map(Number).find((pid) => pid > 0 && parentOf(pid) === host.pid);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined; // it has ended
  }
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended, which the test sees by what its host says.
    }
  }
}

/** As a debugger, a closed lid or a paused container does. */
export const stop = (ms: number) => async (pids: readonly number[]): Promise<void> => {
  signal(pids, 'SIGSTOP');
  await pause(ms);
  signal(pids, 'SIGCONT');
};

/** Lets them run for one hundredth of the time. */
export const starve = (ms: number) => async (pids: readonly number[]): Promise<void> => {
  for (const end = performance.now() + ms; performance.now() < end; ) {
    signal(pids, 'SIGSTOP');
    await pause(990);
    signal(pids, 'SIGCONT');
    await pause(10);
  }
};
