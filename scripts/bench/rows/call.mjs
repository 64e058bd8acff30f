/** A bound C function, called with three numbers. */
import koffi from 'koffi';
import { bind, openLibrary } from '../../../build/modules/library/index.js';
import { again } from '../measure.mjs';
import { LIBRARY } from '../native.mjs';

export function rows() {
  const bound = bind('call', openLibrary(LIBRARY, { prefersOwnNames: true }).symbol('bench_ping'));
  const bare = koffi.load(LIBRARY).func('bench_ping', 'int32_t', ['uintptr_t', 'uintptr_t', 'uintptr_t']);
  return [
    {
      name: 'a bound native call, against koffi',
      unit: 'ns',
      goal: 1.1,
      ours: again(() => bound(1, 2, 3)),
      theirs: again(() => bare(1, 2, 3)),
    },
  ];
}
