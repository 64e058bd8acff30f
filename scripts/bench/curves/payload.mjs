/** The cost of a call against the size of its payload. */
import { again, againAsync } from '../measure.mjs';
import { textOf } from '../text.mjs';
import { measurePoints } from './measure-points.mjs';
import { openSides } from './sides.mjs';

const KIB = 1 << 10;
const SIZES = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, KIB ** 2, 4 * KIB ** 2, 16 * KIB ** 2, 64 * KIB ** 2];
const QUICK_SIZES = [64, 4 * KIB];

const SYNC_IN_CHILD = 'in a child, INLINE, synchronous';
/** `tool.sync` in a child is for small texts: it waits for a short time only. */
const SYNC_MAX_BYTES = 4 * KIB ** 2;

/** Texts are made once, not for each way. */
function textCache() {
  let last = '';
  return (bytes) => (last.length === bytes ? last : (last = textOf(bytes)));
}

export async function curves(context) {
  const { isQuick, inlineEcho } = context;
  const { child, ways, maxBytes, close } = await openSides(context, ['worker-threads', 'raw-socket', 'mcp']);
  const inlineChild = child.tool('echo-inline');
  const text = textCache();
  const calls = { 'in this process, INLINE': (bytes) => again(() => inlineEcho.syncRaw(text(bytes))) };
  if (inlineChild.syncRaw !== undefined) calls[SYNC_IN_CHILD] = (bytes) => again(() => inlineChild.syncRaw(text(bytes)));
  for (const [name, way] of Object.entries(ways)) calls[name] = (bytes) => againAsync(() => way(text(bytes)));
  const series = await measurePoints(calls, isQuick ? QUICK_SIZES : SIZES, { isQuick, last: { ...maxBytes, [SYNC_IN_CHILD]: SYNC_MAX_BYTES } });
  await close();
  return [
    {
      id: 'payload',
      title: 'Time of a call against its payload, one in flight',
      x: { label: 'bytes of JSON, in and out', unit: 'bytes', base: 4 },
      y: { label: 'time of a call', unit: 'µs' },
      series,
    },
  ];
}
