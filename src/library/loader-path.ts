import { isAbsolute } from 'node:path';
import { LoadError } from '../errors/index.js';

const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)\s*(?:\.|$)/i;

/**
 * Why the system's loader might open a file other than the one at `path`, which was checked; `undefined` if it opens that
 * file. glibc and others expand `$ORIGIN`, `$LIB` and `$PLATFORM` (also in braces) in the path itself. The loader searches
 * for a name without a folder; on macOS also for a path that starts with `@rpath` and the like. Windows drops trailing dots
 * and spaces and has device names in every folder, unless the path starts with `\\?\`, as Node's own paths do.
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
  if (found !== undefined) throw new LoadError('ERR_LIBRARY_PATH', { expected: "a path that the system's loader uses unchanged", found }, { path });
}
