import { basename } from 'node:path';
import { error, warning, type StaticCheck } from '../check.js';
import { isOnEverySystem, shipsWith } from './known-libraries.js';
import { namesOf, ofEachLibrary } from './rows.js';

const found = ofEachLibrary(
  {
    id: 'dependencies-found',
    source: 'triage',
    title: 'Every library that the plugin needs is found',
    breaks: 'Opening the plugin fails.',
  },
  ({ triage: { missing, verdict } }) => {
    if (missing.length === 0) return [];
    const hint = verdict.warnings.find(({ topic }) => topic === 'missing-dependency')?.hint ?? '';
    return [error(`Not found: ${namesOf(missing)}. ${hint}`.trimEnd())];
  },
);

const portable = ofEachLibrary(
  {
    id: 'dependencies-portable',
    source: 'platforms',
    title: 'The plugin ships every library that it needs, but those that every system has',
    breaks: 'The plugin works where it was built, and cannot be opened on a machine without these libraries.',
  },
  (library, { entries }) => {
    const others = library.triage.needed.filter((name) => !isOnEverySystem(library.triage, name) && !shipsWith(library.name, name, entries));
    if (others.length === 0) return [];
    return [warning(`It needs ${namesOf(others)}, which not every system has. Link with the static library, or ship the library beside the plugin.`)];
  },
);

const plainNames = ofEachLibrary(
  {
    id: 'dependency-names-plain',
    source: 'platforms',
    title: 'Needed libraries are named without the folder in which they were when the plugin was built',
    breaks: 'The plugin cannot be opened on another machine: it has no such folder.',
  },
  ({ triage: { needed, format } }) => {
    const isPlain = (name: string): boolean =>
      format === 'macho' ? /^(?:@|\/usr\/lib\/|\/System\/)/.test(name) : !name.includes('/') || name.startsWith('$ORIGIN/') || name.startsWith('${ORIGIN}/');
    const fixed = needed.filter((name) => !isPlain(name));
    if (fixed.length === 0) return [];
    const hint = format === 'macho' ? 'Change it with install_name_tool -change to a name that begins with @loader_path.' : `Link with -L and -l instead of the path of the file, or give ${basename(fixed[0] ?? '')} a SONAME.`;
    return [error(`The path is part of the name: ${namesOf(fixed)}. ${hint}`)];
  },
);

const searchPaths = ofEachLibrary(
  {
    id: 'search-paths-relative',
    source: 'platforms',
    title: 'Libraries are searched for in folders relative to the plugin',
    breaks: 'On another machine the folder does not exist, or anyone may put a library there, which then runs in the host.',
  },
  ({ triage: { searchPaths: folders } }) => {
    const fixed = folders.filter((folder) => !/^(?:\$ORIGIN\b|\$\{ORIGIN\}|@loader_path\b|@rpath\b|@executable_path\b)/.test(folder));
    if (fixed.length === 0) return [];
    return [warning(`The search path has ${namesOf(fixed)}. Link with -Wl,-rpath,'$ORIGIN', or without a search path; in CMake set SKIP_BUILD_RPATH.`)];
  },
);

const DEBUG_RUNTIME = /^(?:vcruntime\d+(?:_\d+)?d|msvcp\d+d|msvcr\d+d|ucrtbased|concrt\d+d)\.dll$/i;

const debugRuntime = ofEachLibrary(
  {
    id: 'windows-release-runtime',
    source: 'platforms',
    title: 'A library for Windows does not need the debug runtime of Visual Studio',
    breaks: 'The plugin opens only where Visual Studio is installed.',
  },
  ({ triage: { format, needed } }) => {
    const debug = format === 'pe' ? needed.filter((name) => DEBUG_RUNTIME.test(name)) : [];
    return debug.length === 0 ? [] : [error(`It needs ${namesOf(debug)}. Build it with --config Release.`)];
  },
);

const ofNode = ofEachLibrary(
  {
    id: 'dependencies-not-node',
    source: 'platforms',
    title: 'The plugin does not need the program of Node or a file of an addon',
    breaks: 'The plugin works in one build of Node only: not in Electron, Bun, Deno or a single executable.',
  },
  ({ triage: { needed, neededOptionally } }) => {
    const nodes = [...needed, ...neededOptionally].filter((name) => /^(?:node|electron|bun|deno)\.(?:exe|dll)$|^libnode\b|\.node$/i.test(basename(name)));
    return nodes.length === 0 ? [] : [error(`It needs ${namesOf(nodes)}. A plugin uses the functions in aisopod/plugin.h, not those of Node.`)];
  },
);

export const DEPENDENCY_CHECKS: readonly StaticCheck[] = [found, portable, plainNames, searchPaths, debugRuntime, ofNode];
