import { dlsym, LINUX_RTLD_DEFAULT } from './dlsym.js';
import { NULL, libc } from './memory.js';

/** The folder of Node's own OpenSSL, with its configuration; `undefined` if Node does not export the function. Linux only. */
export function certificateFolder(): string | undefined {
  // Looking up a missing function with koffi would throw: see catchable.ts.
  if (process.platform !== 'linux' || dlsym(LINUX_RTLD_DEFAULT, 'X509_get_default_cert_area') === NULL) return undefined;
  return (libc.func('X509_get_default_cert_area', 'str', []) as () => string | null)() ?? undefined;
}
