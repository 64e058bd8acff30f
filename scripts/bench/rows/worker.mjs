/** Off the main thread: a tool that is not INLINE. */
import koffi from 'koffi';
import { againAsync, together } from '../measure.mjs';
import { LIBRARY } from '../native.mjs';
import { textOf } from '../text.mjs';

const IN_FLIGHT = 64;

/** A C function of three numbers, by koffi on libuv's threads. */
export function pingAsync() {
  const ping = koffi.load(LIBRARY).func('bench_ping', 'int32_t', ['uintptr_t', 'uintptr_t', 'uintptr_t']);
  return () => new Promise((resolve, reject) => ping.async(1, 2, 3, (error, status) => (error === null ? resolve(status) : reject(error))));
}

export function rows({ workerEcho, addon }) {
  const text = textOf(64);
  const call = () => workerEcho.callRaw(text);
  const addonCall = () => addon.echoAsync(text);
  return [
    {
      name: 'off the main thread, 64 B, one in flight',
      unit: 'µs',
      ours: againAsync(call),
      against: [{ what: 'koffi .async of three numbers', goal: 0.85, run: againAsync(pingAsync()) }],
    },
    {
      name: `off the main thread, 64 B, ${IN_FLIGHT} at once`,
      unit: 'µs',
      per: IN_FLIGHT,
      ours: againAsync(together(IN_FLIGHT, call)),
      against: [{ what: 'napi_async_work', goal: 1.2, run: againAsync(together(IN_FLIGHT, addonCall)) }],
    },
  ];
}
