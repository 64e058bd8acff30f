/** The C library of Linux that has this file name, or whose loader has. */
export function libcNamed(library: string): 'glibc' | 'musl' | undefined {
  if (library === 'libc.so.6' || library.startsWith('ld-linux')) return 'glibc';
  return library === 'libc.so' || library.startsWith('libc.musl-') || library.startsWith('ld-musl-') ? 'musl' : undefined;
}
