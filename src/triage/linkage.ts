import { openRegularFile } from '../files/index.js';
import { FileSource } from './byte-source.js';
import { openElf } from './elf/elf.js';
import { symbolCount } from './elf/symbol-count.js';
import { readImports } from './elf/symbols.js';
import { neededVersions } from './elf/versions.js';
import { MalformedFileError } from './malformed-file.js';

/** How an ELF library is linked with others. */
export interface Linkage {
  /** Functions and variables that other libraries define. */
  readonly required: readonly string[];
  /** The same, without which the library opens too. */
  readonly optional: readonly string[];
  /** The symbol versions that it requires: `GLIBC_2.34`, `GLIBCXX_3.4.21` … */
  readonly versions: readonly string[];
}

/** Undefined if it is not a complete ELF library. */
export async function readLinkage(path: string): Promise<Linkage | undefined> {
  const opened = await openRegularFile(path).catch(() => undefined);
  if (opened === undefined) return undefined;
  try {
    const { reader, header, segments, dynamic } = openElf(new FileSource(opened.handle.fd, opened.stats.size));
    const count = symbolCount(dynamic, segments, header.machine, reader.encoding.bits);
    const imports = readImports(reader, dynamic, segments, count);
    const names = (isOptional: boolean): string[] => imports.filter((one) => one.isOptional === isOptional).map(({ name }) => name);
    return { required: names(false), optional: names(true), versions: neededVersions(dynamic, segments) };
  } catch (error) {
    if (error instanceof MalformedFileError) return undefined;
    throw error;
  } finally {
    await opened.handle.close();
  }
}
