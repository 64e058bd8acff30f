import { nodeLibraries } from '../../../triage/node-libraries.js';
import { readLibraryFile } from '../../../triage/read-library.js';
import { error, warning, type Finding, type StaticCheck } from '../check.js';
import { namesOf, ofEachLibrary, ofPlugin, readLibraries, type ReadLibrary } from './rows.js';

/** Functions that rule 9 forbids: they change the whole process, which is the host's. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  exit: 'ends the host',
  _exit: 'ends the host',
  _Exit: 'ends the host',
  quick_exit: 'ends the host',
  chdir: 'changes the working directory of the host',
  fchdir: 'changes the working directory of the host',
  setlocale: 'changes how the host reads and writes numbers',
  fork: 'copies the host without its threads; use posix_spawn',
  vfork: 'stops the host; use posix_spawn',
  signal: 'replaces a signal handler of the host',
  sigaction: 'replaces a signal handler of the host',
  sigset: 'replaces a signal handler of the host',
  __sysv_signal: 'replaces a signal handler of the host',
  fesetround: 'changes the rounding mode of the host',
  fesetenv: 'changes the floating-point state of the host',
};

const forbidden = ofEachLibrary(
  {
    id: 'imports-allowed',
    source: 'rule 9',
    title: 'A library does not import exit, chdir, setlocale, fork, or functions that install signal handlers',
    breaks: 'The host ends, or every other plugin in the process runs with another folder, locale or signal handler.',
  },
  ({ linkage, triage: { traits } }) => {
    // The runtime of Go imports all of them, and is not the author's code.
    if (linkage === undefined || traits.goRuntime) return [];
    const names = linkage.required.filter((name) => Object.hasOwn(FORBIDDEN, name));
    return names.map((name) => warning(`The library imports ${name}, which ${FORBIDDEN[name] ?? ''}.`));
  },
);

/** Node 22 contains most of this part of libstdc++, of another release, and exports it. */
const OF_NODES_LIBSTDCXX = /^_ZNK?St10filesystem/;

const libstdcxxOfNode = ofEachLibrary(
  {
    id: 'imports-filesystem',
    source: 'Node 22',
    title: 'A library for Linux does not take std::filesystem from the shared libstdc++',
    breaks: 'In Node 22 the plugin crashes, for example with a double free when it walks a folder: libstdc++ uses the parts of it that Node exports, which are of another release.',
  },
  ({ triage: { needed }, linkage }) => {
    const names = (linkage?.required ?? []).filter((name) => OF_NODES_LIBSTDCXX.test(name));
    if (names.length === 0 || !needed.some((library) => library.startsWith('libstdc++.so'))) return [];
    return [warning('The library uses std::filesystem of libstdc++.so. Link its own, as aisopod_add_plugin does: -static-libstdc++ -Wl,--exclude-libs,libstdc++.a -Wl,--gc-sections.')];
  },
);

const resolved = ofPlugin(
  {
    id: 'imports-resolved',
    source: 'triage',
    title: 'Everything that a library imports is defined by the libraries that it needs',
    breaks: 'Opening the library fails: an undefined symbol. Or it works only in programs that have loaded the missing library before.',
  },
  async (contents) => {
    const findings = readLibraries(contents).filter(canBeResolved).map(unresolved);
    return (await Promise.all(findings)).flat();
  },
);

/** Dependencies are known on Linux, of libraries for this machine, if all are found. */
const canBeResolved = ({ triage: { arch, format, missing, verdict }, linkage }: ReadLibrary): boolean =>
  process.platform === 'linux' && format === 'elf' && arch === process.arch && missing.length === 0 && linkage !== undefined && verdict.warnings.every(({ topic }) => topic !== 'libc-flavour');

async function unresolved({ name, triage, linkage }: ReadLibrary): Promise<readonly Finding[]> {
  const paths = new Map([...nodeLibraries(), ...triage.dependencies.flatMap(({ name: needed, path }) => (path === undefined ? [] : [[needed, path] as const]))]);
  const own = await exportsOf(triage.needed, paths, triage.arch);
  const missing = (linkage?.required ?? []).filter((symbol) => !own.has(symbol) && !triage.exports.includes(symbol));
  if (missing.length === 0) return [];
  const ofNode = await exportsOf([...nodeLibraries().keys()], paths, triage.arch);
  const nowhere = missing.filter((symbol) => !ofNode.has(symbol));
  const lucky = missing.filter((symbol) => ofNode.has(symbol));
  return [
    ...(nowhere.length === 0 ? [] : [error(`${name}: no library that it needs defines ${namesOf(nowhere)}. Link with the library that does; -Wl,-z,defs makes the linker say so.`)]),
    ...(lucky.length === 0 ? [] : [warning(`${name}: ${namesOf(lucky)} is found only because Node needs the library that defines it. Link with that library.`)]),
  ];
}

/** What these libraries define, and those that they need. */
async function exportsOf(names: readonly string[], paths: ReadonlyMap<string, string>, arch: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const waiting = [...names];
  for (const name of waiting) {
    const path = paths.get(name);
    const facts = path === undefined ? undefined : await readLibraryFile(path, arch).catch(() => undefined);
    for (const symbol of facts?.exports ?? []) found.add(symbol);
    waiting.push(...(facts?.needed ?? []).filter((needed) => !waiting.includes(needed)));
  }
  return found;
}

export const IMPORT_CHECKS: readonly StaticCheck[] = [resolved, forbidden, libstdcxxOfNode];
