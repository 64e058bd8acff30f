import { isAbsolute } from 'node:path';
import { LoadError } from '../errors/index.js';

const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)\s*(?:\.|$)/i;

/**
 * Why the system's loader would not open exactly the file at `path`, the one that was checked; `undefined` if it would.
 * glibc and others expand `$ORIGIN`, `$LIB` and `$PLATFORM` (with braces, too) in the path itself. A name without a
 * folder is searched for; on macOS also one that starts with `@rpath` and the like. Windows drops dots and spaces at the
 * end of a name and has devices in every folder, unless a path starts with `\\?\`, as all of Node's own do.
 */
export function loaderPathProblem(path: string, platform: NodeJS.Platform = process.platform): string | undefined {
  if (path.includes('\0')) return 'a path with a NUL character';
  if (platform === 'win32') return windowsProblem(path);
  if (!isAbsolute(path)) return 'a relative path';
  return path.includes('$') && platform !== 'darwin' ? 'a path with "$", which the system\'s loader may expand' : undefined;
}

function windowsProblem(path: string): string | undefined {
  if (!/^(?:[a-z]:\\|\\\\[^\\?.])/i.test(path) || path.includes('/')) return 'a path that is not of the form C:\\folder\\file or \\\\server\\share\\file';
  const names = path.slice(2).split('\\');
  if (names.some((name) => /[. ]$/.test(name))) return 'a name that ends in a dot or a space, which Windows drops';
  if (names.some((name) => DEVICE.test(name))) return 'the name of a Windows device';
  return undefined;
}

/** @throws LoadError ERR_LIBRARY_PATH */
export function requireLoaderPath(path: string): void {
  const found = loaderPathProblem(path);
  if (found !== undefined) throw new LoadError('ERR_LIBRARY_PATH', { expected: "a path that the system's loader takes as it is", found }, { path });
}
