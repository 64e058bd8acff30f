/** How long calls take while their plugin is updated, beside calls while nobody updates it. */
import { setTimeout as pause } from 'node:timers/promises';
import { IN_FLIGHT, openReloaded, percentile } from '../../updates/reloaded.mjs';

const QUIET_MS = 300;

export async function* rows() {
  for (const [name, home] of [['isolated', 'process'], ['in-process', 'in-process']]) {
    const plugin = await openReloaded(home);
    /** The 99th percentile of the calls meanwhile, in nanoseconds. */
    const p99During = (act) => async () => {
      const stop = plugin.callOnAndOn();
      await act();
      return percentile(await stop(), 0.99) * 1e6;
    };
    yield {
      name: `p99 of ${IN_FLIGHT} calls in flight during an update, ${name}`,
      unit: 'µs',
      isSampled: true,
      ours: p99During(() => plugin.update()),
      against: [{ what: 'the same without an update', goal: null, run: p99During(() => pause(QUIET_MS)) }],
    };
    await plugin.close();
  }
}
