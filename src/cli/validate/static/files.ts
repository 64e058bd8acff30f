import { lstat, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { relativePath } from '../../../manifest/fields.js';
import { FOLDER_LIMITS } from '../../../trust/read-folder.js';
import { error, warning, type Finding, type StaticCheck } from '../check.js';
import { namesOf, ofPlugin } from './rows.js';

const portableNames = ofPlugin(
  {
    id: 'file-names-portable',
    source: 'security: lock files',
    title: 'Every system can have files of these names',
    breaks: 'A host that verifies plugins refuses the folder, and on Windows it cannot be unpacked.',
  },
  ({ entries }) => {
    const bad = entries.filter(({ name }) => !relativePath.safeParse(name).success).map(({ name }) => JSON.stringify(name));
    return bad.length === 0 ? [] : [error(`Not valid on every system: ${namesOf(bad)}. Avoid \\ : * ? " < > |, names such as aux and con, and a dot or space at the end.`)];
  },
);

const distinctNames = ofPlugin(
  {
    id: 'file-names-distinct',
    source: 'security: lock files',
    title: 'The names of files differ in more than case and accents',
    breaks: 'A host that verifies plugins refuses the folder: on macOS and Windows both names are the same file.',
  },
  ({ entries }) => {
    const seen = new Map<string, string>();
    return entries.flatMap(({ name }): Finding[] => {
      const key = name.normalize('NFC').toLowerCase();
      const other = seen.get(key);
      seen.set(key, name);
      return other === undefined ? [] : [error(`${JSON.stringify(other)} and ${JSON.stringify(name)} are the same file on some systems.`)];
    });
  },
);

/** Windows allows 259 characters for the whole path; this leaves room for the folder of the user. */
const MAX_PATH_LENGTH = 150;

const shortPaths = ofPlugin(
  {
    id: 'file-paths-short',
    source: 'platforms',
    title: `Paths in the plugin folder have at most ${MAX_PATH_LENGTH} characters`,
    breaks: 'On Windows the file cannot be created in the folder of a user.',
  },
  ({ entries }) => {
    const long = entries.filter(({ name }) => name.length > MAX_PATH_LENGTH).map(({ name }) => `${name.slice(0, 40)}…`);
    return long.length === 0 ? [] : [warning(`Longer: ${namesOf(long)}.`)];
  },
);

const links = ofPlugin(
  {
    id: 'links-inside',
    source: 'security: lock files',
    title: 'Links lead to files in the plugin folder',
    breaks: 'A host that verifies plugins refuses the folder: what a link leads to outside can change without notice.',
  },
  async ({ folder, entries }) => {
    const root = await realpath(folder).catch(() => folder);
    const findings = entries.filter(({ kind }) => kind === 'link').map(async ({ name }): Promise<Finding[]> => {
      const target = await realpath(join(folder, name)).catch(() => undefined);
      if (target === undefined) return [error(`The link ${name} leads to nothing.`)];
      return target.startsWith(`${root}${sep}`) ? [] : [error(`The link ${name} leads out of the folder, to ${target}.`)];
    });
    return (await Promise.all(findings)).flat();
  },
);

const onlyFiles = ofPlugin(
  {
    id: 'only-files',
    source: 'security: lock files',
    title: 'The folder contains only files, folders and links',
    breaks: 'A host that verifies plugins refuses the folder: a pipe or a device has no content to verify.',
  },
  ({ entries }) => entries.filter(({ kind }) => kind === 'other').map(({ name }) => error(`${name} is neither a file nor a folder.`)),
);

const MIB = 1024 * 1024;
const LARGE_FOLDER = 256 * MIB;
const LARGE_LIBRARY = 64 * MIB;

const folderSize = ofPlugin(
  {
    id: 'folder-size',
    source: 'security: lock files',
    title: `The folder has at most ${LARGE_FOLDER / MIB} MiB`,
    breaks: `A host that verifies plugins reads all of it at each start, and refuses more than ${FOLDER_LIMITS.bytes / MIB} MiB or ${FOLDER_LIMITS.entries} files.`,
  },
  ({ entries }) => {
    const bytes = entries.reduce((sum, { size }) => sum + size, 0);
    if (bytes > FOLDER_LIMITS.bytes || entries.length >= FOLDER_LIMITS.entries) return [error(`The folder has ${Math.round(bytes / MIB)} MiB in ${entries.length} files and folders.`)];
    return bytes > LARGE_FOLDER ? [warning(`The folder has ${Math.round(bytes / MIB)} MiB.`)] : [];
  },
);

const librarySize = ofPlugin(
  {
    id: 'library-size',
    source: 'platforms',
    title: `A library has at most ${LARGE_LIBRARY / MIB} MiB`,
    breaks: 'It takes long to verify, to copy and to open. Most of a large library is debug information, which only its author needs.',
  },
  ({ libraries }) =>
    libraries.filter(({ size }) => size > LARGE_LIBRARY).map(({ name, size }) => warning(`${name} has ${Math.round(size / MIB)} MiB. Remove the debug information with strip, or with CMAKE_BUILD_TYPE=Release.`)),
);

const LEFTOVERS = /(?:^|\/)(?:CMakeCache\.txt|CMakeFiles|\.git|\.svn|node_modules|\.DS_Store|Thumbs\.db|[^/]+\.(?:o|obj|pdb|ilk|exp|pch|swp|orig|rej))$/;

const leftovers = ofPlugin(
  {
    id: 'no-leftovers',
    source: 'security: lock files',
    title: 'The folder has no files of the build or of tools',
    breaks: 'They are verified, copied and shipped with the plugin, and each build changes them, so that every lock file and signature becomes invalid.',
  },
  ({ entries }) => {
    const found = entries.filter(({ name }) => LEFTOVERS.test(name)).map(({ name }) => name);
    return found.length === 0 ? [] : [warning(`The folder has ${namesOf(found)}. Copy only what the plugin needs into its folder.`)];
  },
);

const notWritable = ofPlugin(
  {
    id: 'files-not-writable-by-all',
    source: 'security: owners',
    title: 'Only the owner, and perhaps the group, can write to the files',
    breaks: 'Anyone on the machine can replace the library, which then runs as the user of the host. Hosts refuse such a folder.',
  },
  async ({ folder, entries }) => {
    if (process.platform === 'win32') return [];
    const names = ['', ...entries.filter(({ kind }) => kind !== 'link').map(({ name }) => name)];
    const modes = await Promise.all(names.map(async (name) => ({ name: name || '.', mode: (await lstat(join(folder, name)).catch(() => undefined))?.mode ?? 0 })));
    const open = modes.filter(({ mode }) => (mode & 0o002) !== 0).map(({ name }) => name);
    return open.length === 0 ? [] : [error(`Everyone can write to ${namesOf(open)}: chmod o-w`)];
  },
);

export const FILE_CHECKS: readonly StaticCheck[] = [portableNames, distinctNames, shortPaths, links, onlyFiles, folderSize, librarySize, leftovers, notWritable];
