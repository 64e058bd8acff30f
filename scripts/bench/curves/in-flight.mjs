/** The cost of a call against the number of calls in flight. */
import { againAsync, together } from '../measure.mjs';
import { textOf } from '../text.mjs';
import { measurePoints } from './measure-points.mjs';
import { openSides } from './sides.mjs';

const COUNTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
const QUICK_COUNTS = [1, 64];

export async function curves(context) {
  const { isQuick, addon } = context;
  const { ways, close } = await openSides(context, ['worker-threads', 'raw-socket', 'mcp']);
  ways['napi_async_work'] = (text) => addon.echoAsync(text);
  const text = textOf(1024);
  const calls = Object.fromEntries(Object.entries(ways).map(([name, way]) => [name, (count) => againAsync(together(count, () => way(text)))]));
  const series = await measurePoints(calls, isQuick ? QUICK_COUNTS : COUNTS, { isQuick, per: (count) => count });
  await close();
  return [
    {
      id: 'in-flight',
      title: 'Time for each call against calls in flight, 1 KB',
      x: { label: 'calls in flight', unit: '', base: 4 },
      y: { label: 'time for each call', unit: 'µs' },
      series,
    },
  ];
}
