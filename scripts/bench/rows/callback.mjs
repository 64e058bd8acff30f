/** From C into JavaScript: a tool that writes lines of 64 bytes to the host's log. */
import koffi from 'koffi';
import { again } from '../measure.mjs';
import { LIBRARY } from '../native.mjs';

const OK = 1;
/** Lines per call. With many thousands, the garbage that a call keeps until it returns would dominate. */
const LINES = 100;

/** bench_log with a koffi callback. */
function bareLog(callback) {
  const Log = koffi.pointer(koffi.proto('int32_t', ['void *', 'void *']));
  const log = koffi.load(LIBRARY).func('bench_log', 'int32_t', [Log, 'void *', 'int32_t']);
  const registered = koffi.register(callback, Log);
  return again(() => log(registered, null, LINES));
}

export function rows({ inlineLog, heard, addon }) {
  const listen = (_level, line) => {
    heard.bytes += line.length;
    return OK;
  };
  /** The fastest way in koffi's documentation: decoding the whole struct takes three times as long. */
  const read = (_context, record) => {
    const level = koffi.decode.uint32(record + 4n);
    const message = koffi.decode.uint64(record + 8n);
    const length = koffi.decode.uint64(record + 16n);
    return listen(level, koffi.decode.string(BigInt(message), length));
  };
  return [
    {
      name: `${LINES} callbacks with 64 B each`,
      unit: 'µs',
      ours: again(() => inlineLog.syncRaw(String(LINES))),
      against: [
        { what: 'koffi', goal: 1.2, run: bareLog(read) },
        { what: 'koffi that reads nothing', goal: null, run: bareLog(() => OK) },
        { what: 'Node-API', goal: null, run: again(() => addon.log(LINES, listen)) },
      ],
    },
  ];
}
