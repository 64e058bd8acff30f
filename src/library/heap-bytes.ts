import { dlsym, LINUX_RTLD_DEFAULT } from './dlsym.js';
import { koffi } from './koffi-settings.js';
import { libc } from './memory.js';

const MEMBERS = ['arena', 'ordblks', 'smblks', 'hblks', 'hblkhd', 'usmblks', 'fsmblks', 'uordblks', 'fordblks', 'keepcost'] as const;
type HeapStatistics = Readonly<Record<(typeof MEMBERS)[number], number>>;

let mallinfo: (() => HeapStatistics) | undefined;

/** How many bytes this process has allocated with malloc and not freed; `undefined` without glibc 2.33 or later. */
export function heapBytes(): number | undefined {
  if (mallinfo === undefined) {
    if (process.platform !== 'linux' || dlsym(LINUX_RTLD_DEFAULT, 'mallinfo2') === 0) return undefined;
    const statistics = koffi.struct(Object.fromEntries(MEMBERS.map((member) => [member, 'size_t'])));
    mallinfo = libc.func('mallinfo2', statistics, []) as () => HeapStatistics;
  }
  const { uordblks, hblkhd } = mallinfo();
  return uordblks + hblkhd;
}
