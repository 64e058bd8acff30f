import { error, warning, type Finding, type StaticCheck } from '../check.js';
import { platformOfFolder } from '../platform-folders.js';
import type { RefusalCode } from '../../../triage/index.js';
import { ofEachLibrary, ofPlugin, readLibraries, type ReadLibrary } from './rows.js';

/** The refusal of triage with one of these codes, as a finding. */
export function refused({ triage: { verdict } }: ReadLibrary, ...codes: readonly RefusalCode[]): readonly Finding[] {
  if (verdict.kind !== 'unfit' || !codes.includes(verdict.code)) return [];
  return [error(`Expected ${verdict.expected}, found ${verdict.found}.`)];
}

const present = ofPlugin(
  {
    id: 'library-present',
    source: 'manifest: entry_point',
    title: 'The plugin folder has the library that entry_point names, for at least one platform',
    breaks: 'A host finds nothing to load.',
  },
  ({ manifest, libraries, libraryError }) => {
    if (manifest === undefined || libraries.length > 0) return [];
    return [error(libraryError?.message ?? 'There is no library.', libraryError?.hint)];
  },
);

const here = ofPlugin(
  {
    id: 'library-for-this-machine',
    source: 'manifest: entry_point',
    title: 'There is a library for the machine that validates',
    breaks: 'The plugin cannot be run here, so only its files are checked.',
  },
  ({ libraries, library, libraryError }) => {
    if (libraries.length === 0 || library !== undefined) return [];
    return [warning(libraryError?.message ?? 'There is no library for this machine.', libraryError?.hint)];
  },
);

const complete = ofPlugin(
  {
    id: 'library-complete',
    source: 'triage',
    title: 'Every library is a complete shared library',
    breaks: 'A host refuses the file: opening a truncated library ends the process.',
  },
  ({ libraries }) => libraries.flatMap(({ name, error: cause }) => (cause === undefined ? [] : [error(`${name}: ${cause.message}`)])),
);

const platform = ofEachLibrary(
  {
    id: 'library-platform',
    source: 'triage',
    title: 'Every library is for the operating system of its folder and file name',
    breaks: 'A host on that system refuses the library.',
  },
  (library) => refused(library, 'ERR_WRONG_PLATFORM'),
);

const architecture = ofEachLibrary(
  {
    id: 'library-architecture',
    source: 'triage',
    title: 'Every library is for the processor of its folder',
    breaks: 'A host on that processor refuses the library.',
  },
  (library) => refused(library, 'ERR_WRONG_ARCHITECTURE'),
);

/** Names of systems and processors that other tools use, with those of Node. */
const MEANT: readonly (readonly [RegExp, string])[] = [
  [/^(?:windows|win64|win32|win|mingw)\b/, 'win32'],
  [/^(?:macos|mac|osx|apple)\b/, 'darwin'],
  [/\b(?:x86_64|x86-64|amd64)\b/, 'x64'],
  [/\b(?:aarch64|armv8)\b/, 'arm64'],
  [/\b(?:i386|i686|x86)\b/, 'ia32'],
];
const LOOKS_LIKE_PLATFORM = /^(?:linux|windows|win32|win64|win|macos|mac|osx|darwin|apple|freebsd)[-_.](?:x86_64|x86-64|amd64|x64|x86|i386|i686|ia32|aarch64|arm64|armv8|arm|universal)(?:[-_.]\w+)?$/i;

const folderNames = ofPlugin(
  {
    id: 'platform-folder-names',
    source: 'folder: <platform>-<arch>',
    title: 'Folders for platforms have the names that hosts look for',
    breaks: 'A host never looks into the folder, so the plugin is not found on that platform.',
  },
  ({ entries }) =>
    entries
      .filter(({ name, kind }) => kind === 'folder' && LOOKS_LIKE_PLATFORM.test(name) && platformOfFolder(name) === undefined)
      .map(({ name }) => {
        const meant = MEANT.reduce((text, [pattern, word]) => text.replace(pattern, word), name.toLowerCase().replace(/^(\w+?)[_.]/, '$1-'));
        const hint = platformOfFolder(meant) === undefined ? 'Node calls them linux-x64, darwin-arm64, win32-x64 and so on' : `did you mean ${meant}?`;
        return warning(`No host looks into the folder ${name}: ${hint}`);
      }),
);

const foldersFilled = ofPlugin(
  {
    id: 'platform-folders-filled',
    source: 'folder: <platform>-<arch>',
    title: 'Every folder for a platform contains the library of that platform',
    breaks: 'On that platform the plugin is not found, although its folder is there.',
  },
  ({ entries, libraries, manifest }) => {
    if (manifest === undefined) return [];
    const folders = entries.filter(({ name, kind }) => kind === 'folder' && platformOfFolder(name) !== undefined).map(({ name }) => name);
    const empty = folders.filter((folder) => !libraries.some(({ name }) => name.startsWith(`${folder}/`)));
    return empty.map((folder) => error(`The folder ${folder} has no library named ${manifest.plugin.entryPoint}.`));
  },
);

const sameNote = ofPlugin(
  {
    id: 'platforms-agree',
    source: 'rule 3',
    title: 'The libraries for all platforms have the same ABI version and header version',
    breaks: 'The plugin behaves differently by platform: one of the libraries was built from another release.',
  },
  (contents) => {
    const versions = readLibraries(contents).map(({ name, triage: { note } }) => [name, note === undefined ? undefined : `ABI ${note.abiVersion}, header ${note.headerVersion ?? 'unknown'}`] as const);
    const known = versions.filter(([, version]) => version !== undefined);
    if (new Set(known.map(([, version]) => version)).size < 2) return [];
    return [warning(`The libraries differ: ${known.map(([name, version]) => `${name} has ${version ?? ''}`).join('; ')}.`)];
  },
);

export const LIBRARY_CHECKS: readonly StaticCheck[] = [present, here, complete, platform, architecture, folderNames, foldersFilled, sameNote];
