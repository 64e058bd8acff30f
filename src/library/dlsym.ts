import { libc } from './memory.js';

/** RTLD_DEFAULT of glibc and musl (NULL as a handle): searches all globally loaded symbols. */
export const LINUX_RTLD_DEFAULT = 0;

/** The address of a symbol, or 0. POSIX only. Unlike koffi's `symbol`, it does not throw if the symbol is missing. */
export const dlsym: (handle: number, name: string) => number =
  process.platform === 'win32' ? () => 0 : (libc.func('dlsym', 'uintptr_t', ['uintptr_t', 'str']) as (handle: number, name: string) => number);
