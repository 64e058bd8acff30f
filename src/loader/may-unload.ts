import { mappedLibc } from '../machine/libc-flavour.js';
import type { FitLibrary } from './open-plugin.js';

/**
 * Why a library must stay mapped after its plugin has ended, as far as this is known before it is opened; `undefined` if nothing
 * speaks against unmapping it. The reason is the end of a sentence.
 */
export function whyItStays({ traits, dependencies, isReused }: Omit<FitLibrary, 'path' | 'libc'>): string | undefined {
  // macOS and Windows do not tell where the threads of a process are, and musl never unmaps a library.
  if (mappedLibc()?.flavour !== 'glibc') return 'only glibc can be asked whether it has unmapped a library';
  if (traits.staysMapped !== undefined) return traits.staysMapped;
  const bundled = dependencies.find(({ isBundled }) => isBundled);
  if (bundled !== undefined) return `it needs ${bundled.name}, which may keep pointers into it`;
  return isReused ? 'it was opened by an earlier generation too' : undefined;
}

export const mayUnload = (library: FitLibrary): boolean => whyItStays(library) === undefined;
