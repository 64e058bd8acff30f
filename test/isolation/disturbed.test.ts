import { describe, expect, test } from '@jest/globals';
import { errorOf, timeoutInside, recordOf, until } from '../support/host.js';
import { disturbed, starve, stop, type Step, type Victim } from './disturb.js';
import { openFake } from './fake.js';
import { openIn } from './homes.js';

/** Each step takes 60 ms of a processor. A disturbance takes many times the deadline. */
const deadlineMs = 450;
const STEPS: readonly Step[] = ['starting', 'constructor', 'create', 'register', 'init', 'call', 'reading', 'release', 'printing', 'idle'];
const DISTURBANCES = { stopped: stop(3000), 'starved to a hundredth': starve(5000) };

const describeOnLinux = process.platform === 'linux' ? describe : describe.skip;

/** All steps at once: while a process is stopped or starved it costs nobody anything. */
async function outcomes(steps: readonly Step[], run: (step: Step) => Promise<unknown>): Promise<object> {
  return Object.fromEntries(await Promise.all(steps.map(async (step) => [step, await run(step)] as const)));
}

describeOnLinux.each(Object.entries(DISTURBANCES))('a plugin that is %s (Linux, which tells what a process did)', (_name, disturb) => {
  test.each<Victim>(['child', 'host', 'both'])(
    'in any step of its life is not killed, failed or refused (%s)',
    async (victim) => {
      const found = await outcomes(STEPS, (step) => disturbed({ home: 'process', step, victim, deadlineMs, disturb }));
      const healthy = { after: { survived: true }, state: 'active', restarts: 0, events: [] };
      // The caller's own deadline is another thing: a caller that runs does not wait for a child that is stopped.
      const call = victim === 'child' ? 'ERR_INVOCATION_TIMEOUT' : { survived: true };
      expect(found).toMatchObject(Object.fromEntries(STEPS.map((step) => [step, step === 'call' ? { ...healthy, call: expect.anything() } : healthy])));
      if (victim !== 'child') expect(found).toMatchObject({ call: { call } });
    },
  );
});

describeOnLinux('a host that is stopped (Linux, which tells what a process did)', () => {
  test('in any step of a plugin in its own process does not fail it', async () => {
    const steps: readonly Step[] = ['create', 'register', 'init', 'call'];
    const found = await outcomes(steps, (step) => disturbed({ home: 'in-process', step, victim: 'host', deadlineMs: 2500, disturb: stop(3000) }));
    const healthy = { after: { survived: true }, events: [] };
    expect(found).toMatchObject({ create: healthy, register: healthy, init: healthy, call: { ...healthy, call: { survived: true } } });
  });
});

describe('a plugin that really hangs', () => {
  const RESTART = { firstPauseMs: 1, most: 0 };

  test.each(['spin', 'sleep'])('is killed in any step of its life (%s)', async (how) => {
    for (const step of ['constructor', 'create', 'register', 'init'] as const) {
      const env = { AISOPOD_FIXTURE_FAULT: `${step}:${how}` };
      const error = await errorOf(openIn('process', ['crasher'], { env, timeouts: { create: 300, register: 300, init: 300 } }));
      expect(error).toMatchObject({ pluginId: 'crasher', timeoutMs: 300 });
    }
  });

  test.each(['spin', 'sleep'])('is killed in a release, and past the deadline of a call (%s)', async (how) => {
    const host = await openIn('process', ['crasher'], { graceMs: 50, restart: { firstPauseMs: 1 } });
    const plugin = host.remote('crasher');
    await host.tool('release').call({ fault: how });
    await until(() => plugin.restarts === 1 && plugin.state === 'active');
    expect(recordOf(plugin)).toContain('killed by the host: it was in release of crasher for 1000 ms');
    expect(await timeoutInside(() => host.tool('worker').call({ fault: how }, { timeoutMs: 100 }))).toMatchObject({ code: 'ERR_INVOCATION_TIMEOUT' });
    await until(() => plugin.restarts === 2 && plugin.state === 'active');
    expect(recordOf(plugin)).toContain('killed by the host: it was still in tool worker 50 ms after its deadline');
  });

  test.each([
    ['spins', 'for (;;);'],
    ['sleeps', 'sleep(1e9);'],
  ])('on the thread that hears the host is killed, since it gives no sign of life (%s)', async (_how, hang) => {
    const script = `if (message.type === 'init') { behave(message); setTimeout(() => { ${hang} }, 50); } else behave(message);`;
    const host = await openFake(script, { heartbeatMs: 100, restart: RESTART });
    const plugin = host.remote('good-c');
    await until(() => plugin.state === 'quarantined');
    expect(recordOf(plugin)).toContain('killed by the host: it gave no sign of life for 300 ms');
  });
});
