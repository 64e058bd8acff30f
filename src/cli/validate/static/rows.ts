import type { Finding, StaticCheck } from '../check.js';
import type { LibraryFile, PluginContents } from '../plugin-contents.js';
import type { Triage } from '../../../triage/index.js';

type Row = Omit<StaticCheck, 'kind' | 'run'>;

/** A check of the whole plugin. */
export function ofPlugin(row: Row, run: StaticCheck['run']): StaticCheck {
  return { ...row, kind: 'static', run };
}

/** A library that could be read. */
export type ReadLibrary = LibraryFile & { readonly triage: Triage };

export const readLibraries = ({ libraries }: PluginContents): readonly ReadLibrary[] =>
  libraries.filter((library): library is ReadLibrary => library.triage !== undefined);

/** A check of each library that could be read. Findings begin with the name of the library if there are several. */
export function ofEachLibrary(row: Row, find: (library: ReadLibrary, contents: PluginContents) => readonly Finding[]): StaticCheck {
  return ofPlugin(row, (contents) =>
    readLibraries(contents).flatMap((library) =>
      find(library, contents).map((finding) => (contents.libraries.length > 1 ? { ...finding, message: `${library.name}: ${finding.message}` } : finding)),
    ),
  );
}

const MAX_NAMES = 12;

/** The first names of a list, and how many more there are. */
export function namesOf(names: readonly string[]): string {
  const more = names.length - MAX_NAMES;
  return `${names.slice(0, MAX_NAMES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
