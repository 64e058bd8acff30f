/** Off the main thread: a tool that is not INLINE. */
import koffi from 'koffi';
import { againAsync } from '../measure.mjs';
import { LIBRARY } from '../native.mjs';

const TEXT = JSON.stringify('t'.repeat(62));
const IN_FLIGHT = 64;

/** All at once. */
const together = (run) => () => Promise.all(Array.from({ length: IN_FLIGHT }, run));

export function rows({ workerEcho, addon }) {
  const ping = koffi.load(LIBRARY).func('bench_ping', 'int32_t', ['uintptr_t', 'uintptr_t', 'uintptr_t']);
  const pingAsync = () =>
    new Promise((resolve, reject) => ping.async(1, 2, 3, (error, status) => (error === null ? resolve(status) : reject(error))));
  const call = () => workerEcho.callRaw(TEXT);
  return [
    {
      name: 'off the main thread, 64 B, one in flight, against koffi .async of three numbers',
      unit: 'µs',
      goal: 1.15,
      ours: againAsync(call),
      theirs: againAsync(pingAsync),
    },
    {
      name: `off the main thread, 64 B, ${IN_FLIGHT} at once, against napi_async_work`,
      unit: 'µs',
      goal: 2,
      ours: againAsync(together(call)),
      theirs: againAsync(together(() => addon.echoAsync(TEXT))),
    },
  ];
}
