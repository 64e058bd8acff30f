import { LoadError, ioError, systemCode } from '../errors/index.js';
import { NotRegularFileError, openRegularFile } from '../files/index.js';
import { type ByteSource, FileSource } from './byte-source.js';
import { MalformedFileError } from './malformed-file.js';
import { readElf } from './elf/elf.js';
import type { Facts } from './facts.js';
import { identify } from './identify.js';
import { readFat } from './macho/fat.js';
import { readMacho } from './macho/macho.js';
import { readPe } from './pe/pe.js';

/** Reads the facts of a library. `arch` selects the part of a fat Mach-O. Throws MalformedFileError. */
export function readLibrary(source: ByteSource, arch: string): Facts {
  switch (identify(source)) {
    case 'elf':
      return readElf(source);
    case 'pe':
      return readPe(source);
    case 'macho':
      return readMacho(source);
    case 'fat':
      return readFat(source, arch);
  }
}

/** `readLibrary` on a file. Throws LoadError ERR_LIBRARY_FORMAT or ERR_IO. */
export async function readLibraryFile(path: string, arch: string): Promise<Facts> {
  try {
    const { handle, stats } = await openRegularFile(path);
    try {
      return readLibrary(new FileSource(handle.fd, stats.size), arch);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw asLoadError(error, path);
  }
}

/** System and reader errors become LoadErrors; any other error is a bug and is returned unchanged. */
function asLoadError(error: unknown, path: string): unknown {
  if (error instanceof NotRegularFileError) return new LoadError('ERR_LIBRARY_FORMAT', { expected: 'a file', found: error.found }, { path });
  if (error instanceof MalformedFileError) {
    return new LoadError('ERR_LIBRARY_FORMAT', { expected: error.expected, found: error.found }, { path });
  }
  if (systemCode(error) !== undefined) return ioError('read the library', error, { path, step: 'triage' });
  return error;
}
