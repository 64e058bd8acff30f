import { libc } from './memory.js';

/** NULL as a handle: RTLD_DEFAULT of glibc and musl, which searches everything that the process has loaded globally. */
export const LINUX_RTLD_DEFAULT = 0;

/** The address of a symbol, or 0. POSIX only; unlike koffi's `symbol`, it does not throw for a symbol that is missing. */
export const dlsym: (handle: number, name: string) => number =
  process.platform === 'win32' ? () => 0 : (libc.func('dlsym', 'uintptr_t', ['uintptr_t', 'str']) as (handle: number, name: string) => number);
