import type { ByteSource } from '../byte-source.js';
import type { Needs } from '../facts.js';
import { LIMITS } from '../limits.js';
import { DT, type Dynamic, readDynamic } from './dynamic.js';
import { LOADABLE, readElfHeader } from './header.js';
import { readSegments } from './segments.js';

/** The dependencies of a library or an executable. Reads much less than `readElf`. Throws MalformedFileError. */
export function readElfNeeds(source: ByteSource): Needs {
  const { reader, header } = readElfHeader(source, LOADABLE);
  return needsOf(readDynamic(reader, readSegments(reader, header)));
}

/** RUNPATH replaces RPATH if a file has both. */
export function needsOf(dynamic: Dynamic): Needs {
  const hasRunPath = dynamic.has(DT.RUNPATH);
  const folders = dynamic.strings(hasRunPath ? DT.RUNPATH : DT.RPATH, LIMITS.path).flatMap((list) => list.split(':'));
  return {
    ownName: dynamic.strings(DT.SONAME, LIMITS.path).at(-1),
    needed: dynamic.strings(DT.NEEDED, LIMITS.path),
    searchPaths: folders.filter((folder) => folder !== ''),
    searchPathsInherited: !hasRunPath && dynamic.has(DT.RPATH),
  };
}
