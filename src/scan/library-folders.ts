import { join } from 'node:path';
import { mappedLibc } from '../machine/libc-flavour.js';

/** A platform that a library is for. */
export interface LibraryPlatform {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Only on Linux, where most systems use glibc. */
  readonly libc?: 'glibc' | 'musl' | undefined;
}

/** This process. */
export const currentPlatform = (): LibraryPlatform => ({ platform: process.platform, arch: process.arch, libc: mappedLibc()?.flavour });

/** The folders of a plugin that may have its library for a platform. The first that has it is used. */
export function libraryFolders(folder: string, { platform, arch, libc }: LibraryPlatform): string[] {
  const own = `${platform}-${arch}`;
  return [...(libc === 'musl' ? [join(folder, `${own}-musl`)] : []), join(folder, own), folder];
}
