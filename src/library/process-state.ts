import { libc, ownBuffer, addressOf } from './memory.js';
import { computesNormally } from './floating-point.js';

const isPosix = process.platform !== 'win32';
type Call = (...args: (number | null)[]) => number;

/** LC_ALL. */
const ALL_CATEGORIES = process.platform === 'linux' ? 6 : 0;
const MAX_PATH = 4096;
/** struct sigaction has at most 152 bytes; the handler is its first member everywhere. */
const SIGACTION_BYTES = 256;
const MAX_SIGNAL = 31;
const UNCATCHABLE = process.platform === 'darwin' ? [9, 17] : [9, 19];

let functions: { readonly setlocale: (category: number, name: null) => string | null; readonly getcwd: Call; readonly sigaction: Call } | undefined;

function bindAll(): NonNullable<typeof functions> {
  return {
    setlocale: libc.func('setlocale', 'str', ['int', 'str']) as (category: number, name: null) => string | null,
    getcwd: libc.func('getcwd', 'uintptr_t', ['uintptr_t', 'size_t']) as Call,
    sigaction: libc.func('sigaction', 'int', ['int', 'uintptr_t', 'uintptr_t']) as Call,
  };
}

/**
 * What a plugin must leave as it is (rule 9), by name: the working folder, the locale, the handlers of signals, the rounding mode.
 * On Windows only the working folder and the rounding mode.
 */
export function processState(): ReadonlyMap<string, string> {
  const state = new Map([['floating-point state', computesNormally() ? 'normal' : 'changed']]);
  if (!isPosix) return state.set('working folder', process.cwd());
  const { setlocale, getcwd, sigaction } = (functions ??= bindAll());
  const path = ownBuffer(MAX_PATH); // not process.cwd(), which Node remembers
  getcwd(addressOf(path), path.length);
  state.set('working folder', path.toString('utf8', 0, path.indexOf(0)));
  state.set('locale', setlocale(ALL_CATEGORIES, null) ?? '');
  state.set('umask', process.umask().toString(8));
  for (let signal = 1; signal <= MAX_SIGNAL; signal++) {
    if (UNCATCHABLE.includes(signal)) continue;
    const action = ownBuffer(SIGACTION_BYTES);
    sigaction(signal, 0, addressOf(action));
    state.set(`handler of signal ${signal}`, `0x${action.readBigUInt64LE().toString(16)}`);
  }
  return state;
}
