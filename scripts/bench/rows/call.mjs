/** A bound C function, called with three numbers. */
import koffi from 'koffi';
import { bind, openLibrary } from '../../../build/modules/library/index.js';
import { again } from '../measure.mjs';
import { LIBRARY } from '../native.mjs';

const SYMBOL = 'bench_ping';

async function ffiRs(whyNoPackages) {
  if (whyNoPackages !== undefined) return { skipped: whyNoPackages };
  try {
    const { bindPing } = await import('../peers/ffi-rs.mjs');
    return { run: again(bindPing(LIBRARY, SYMBOL)) };
  } catch (error) {
    return { skipped: `does not run here: ${error.message}` };
  }
}

export async function* rows({ whyNoPackages }) {
  const bound = bind('call', openLibrary(LIBRARY, { prefersOwnNames: true }).symbol(SYMBOL));
  const bare = koffi.load(LIBRARY).func(SYMBOL, 'int32_t', ['uintptr_t', 'uintptr_t', 'uintptr_t']);
  yield {
    name: 'a bound native call',
    unit: 'ns',
    ours: again(() => bound(1, 2, 3)),
    against: [
      { what: 'koffi', goal: 1.1, run: again(() => bare(1, 2, 3)) },
      { what: 'ffi-rs', goal: null, ...(await ffiRs(whyNoPackages)) },
    ],
  };
}
