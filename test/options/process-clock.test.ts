import { expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { clockNow } from '../../src/options/deadline-clock.js';
import { ProcessClock } from '../../src/options/process-clock.js';
import { testWhere } from '../support/fixtures.js';
import { pause } from '../support/host.js';

const onLinux = testWhere(process.platform === 'linux', 'needs /proc');

/** The clock of a process that runs `script`, and the process. It has ended when `use` has. */
async function withProcess(script: string, use: (clock: ProcessClock, child: ChildProcess) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, ['-e', `process.stdout.write('up'); ${script}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  try {
    await use(new ProcessClock(child.pid), child);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

const late = (clock: ProcessClock, ms: number, patienceMs?: number): Promise<void> =>
  new Promise((resolve) => void clock.deadline(ms, resolve, patienceMs === undefined ? {} : { patienceMs }));

test.each([
  ['spins', 'for (;;);'],
  ['sleeps', 'setInterval(() => {}, 1e6);'],
])('a process that %s gets to its deadline, and not before', async (_how, script) => {
  await withProcess(script, async (clock) => {
    const began = performance.now();
    await late(clock, 300);
    expect(performance.now() - began).toBeGreaterThanOrEqual(295);
  });
});

onLinux('of a process that is stopped no time counts, but for the patience that it is given', async () => {
  await withProcess('for (;;);', async (clock, child) => {
    child.kill('SIGSTOP');
    let isLate = false;
    const callOff = clock.deadline(300, () => (isLate = true));
    const measure = clock.measure();
    await pause(1500);
    expect(isLate).toBe(false);
    expect(measure.ms()).toBeLessThan(300);
    callOff();
    const began = clockNow();
    await late(clock, 100, 300);
    expect(clockNow() - began).toBeGreaterThanOrEqual(400);
    measure.stop();
    child.kill('SIGCONT');
    await late(clock, 100);
  });
});

test('what was called off does not come', async () => {
  await withProcess('for (;;);', async (clock) => {
    let isLate = false;
    const callOff = clock.deadline(50, () => (isLate = true));
    callOff();
    await late(clock, 200);
    expect(isLate).toBe(false);
  });
});
