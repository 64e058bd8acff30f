import { basename } from 'node:path';
import { createHint } from './create-hint.js';
import { entry, type Mismatch } from './entry.js';
import { libcNamed } from './libc-named.js';
import { loadHint } from './load-hint.js';
import { MACHINE_HINTS } from './machine-cause.js';
import { TRUST_ERRORS } from './trust-errors.js';

/** One problem in a manifest. ERR_MANIFEST has all of them. */
export interface ManifestProblem {
  /** Dotted key path (`plugin.version`), or `''` for the file as a whole. */
  readonly key: string;
  /** 1-based position in the file, if known. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
  readonly expected: string;
  readonly found: string;
  /** How to fix it; for an unknown key, the nearest known one. */
  readonly hint?: string;
}

/** The message shows at most this many problems; `problems` has all of them. */
const MAX_SHOWN_PROBLEMS = 10;

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

export function manifestLine(problem: ManifestProblem): string {
  const where = problem.line === undefined ? '' : `line ${problem.line}, column ${problem.column ?? 1}: `;
  const key = problem.key === '' ? '' : `${problem.key}: `;
  return `${where}${key}${problem.message} (expected ${problem.expected}, found ${problem.found})`;
}

const ABI_SOURCES = {
  manifest: 'the manifest says ABI version',
  note: 'the plugin note says ABI version',
  function: 'aisopod_plugin_abi_version returned',
} as const;

/** Why a plugin was not loaded. None of its code runs afterwards. */
export const LOAD_ERRORS = {
  ERR_OPTIONS: entry<Mismatch & { readonly option: string; readonly nearest?: string }>({
    step: 'scan',
    when: "An option has an unknown name or an invalid value. If the error has a `pluginId`, a function of the host returned the value for that plugin.",
    message: ({ option, expected, found }) => `option ${option}: expected ${expected}, found ${found}`,
    hint: ({ option, nearest }) => `${nearest === undefined ? '' : `Did you mean ${nearest}? `}Correct ${option} where it is passed to this package (docs/hosts.md).`,
  }),
  ERR_DIRECTORY_SCAN: entry<Mismatch & { readonly advice?: string | undefined }>({
    step: 'scan',
    when: 'A plugin folder cannot be listed.',
    message: ({ expected, found }) => `cannot scan the folder: expected ${expected}, found ${found}`,
    hint: ({ advice }) => advice ?? 'Check that the path is a folder and that this user may list it.',
  }),
  ERR_IO: entry<{ readonly operation: string; readonly reason: string; readonly advice?: string | undefined }>({
    step: 'scan',
    when: 'The operating system refused to read or write a file, or to open a port.',
    message: ({ operation, reason }) => `cannot ${operation}: ${reason}`,
    hint: ({ advice }) => advice ?? 'Check that the path exists and that this user may read or write it.',
  }),
  ERR_MANIFEST: entry<{ readonly problems: readonly ManifestProblem[] }>({
    step: 'manifest',
    when: 'The manifest is not valid. The error lists all of its problems.',
    message: ({ problems }) => {
      const shown = problems.slice(0, MAX_SHOWN_PROBLEMS).map(manifestLine).join('; ');
      const more = problems.length > MAX_SHOWN_PROBLEMS ? `; and ${problems.length - MAX_SHOWN_PROBLEMS} more` : '';
      return `the manifest has ${counted(problems.length, 'problem')}: ${shown}${more}`;
    },
    hint: ({ problems }) => problems.find((p) => p.hint !== undefined)?.hint ?? 'Correct the manifest at the lines in the message.',
  }),
  ERR_DUPLICATE_ID: entry<{ readonly winner: string }>({
    step: 'scan',
    when: 'Two folders contain a plugin with the same id. The first one found is used.',
    message: ({ winner }) => `another plugin with this id was found first: ${winner}`,
    hint: 'Remove one of the two folders, or change the id of one.',
  }),
  ERR_VERSION_COMPATIBILITY: entry<Mismatch & { readonly bound: 'min_host_version' | 'max_host_version' | 'host' }>({
    step: 'manifest',
    when: "The host's version is outside the range in the manifest.",
    message: ({ expected, found }) => `needs host version ${expected}, this host is ${found}`,
    hint: ({ bound }) =>
      bound === 'min_host_version'
        ? 'Update the host, or install an older release of the plugin.'
        : bound === 'max_host_version'
          ? 'Install a newer release of the plugin.'
          : 'Give the host version as MAJOR.MINOR.PATCH (semver.org).',
  }),
  ERR_PLUGIN_VERSION: entry<Mismatch>({
    step: 'manifest',
    when: "The plugin's version is not one that the host's option `versions` allows.",
    message: ({ expected, found }) => `is version ${found}, the host wants ${expected}`,
    hint: 'Install that version of the plugin, or change the option versions.',
  }),
  ERR_REQUIREMENT: entry<{ readonly missing: readonly string[] }>({
    step: 'manifest',
    when: 'The manifest requires an environment variable or a program that is not there.',
    message: ({ missing }) => `needs what is missing: ${missing.join(', ')}`,
    hint: 'Install the program and put its folder on the PATH, or set the variable. A plugin with its own process gets a variable only if processes.inheritEnv or processes.env names it.',
  }),
  ERR_ABI_MISMATCH: entry<{
    readonly expected: { readonly min: number; readonly max: number };
    readonly found: number;
    readonly source: keyof typeof ABI_SOURCES;
  }>({
    step: 'bind',
    when: 'The plugin was built for an ABI version that this host does not support.',
    message: ({ expected: { min, max }, found, source }) =>
      `${ABI_SOURCES[source]} ${found}; this host supports ${min === max ? `only ${min}` : `${min} to ${max}`}`,
    hint: ({ expected, found }) =>
      found > expected.max
        ? 'Update the host, or rebuild the plugin with the header of this host.'
        : 'Rebuild the plugin with the header of this host.',
  }),
  ERR_STRUCT_SIZE: entry<Mismatch & { readonly member: string }>({
    step: 'triage',
    when: 'A struct size in the plugin note differs from the size in that version of the header.',
    message: ({ member, expected, found }) => `${member} in the plugin note: expected ${expected}, found ${found}`,
    hint: 'Declare the structs exactly as in include/aisopod/plugin.h, in the same order, and set header_version to the version of that header.',
  }),
  ...TRUST_ERRORS,
  ERR_LIBRARY_NOT_FOUND: entry<{
    readonly tried: readonly string[];
    readonly entryPoint: string;
    /** An entry point without the prefix and suffix, if that names an existing library. */
    readonly suggestion?: string | undefined;
  }>({
    step: 'open',
    when: 'The library that the manifest names is not in the plugin folder.',
    message: ({ tried }) => `the library was not found; looked for ${tried.join(', ')}`,
    hint: ({ suggestion }) =>
      suggestion !== undefined
        ? `Set entry_point to "${suggestion}": the prefix and suffix are added for each platform.`
        : 'Build the plugin for this platform, or correct entry_point in the manifest.',
  }),
  ERR_LIBRARY_FORMAT: entry<Mismatch>({
    step: 'triage',
    when: 'The file is not a complete shared library: it is empty, truncated, text, or of an unknown format.',
    message: ({ expected, found }) => `not a loadable library: expected ${expected}, found ${found}`,
    hint: 'Copy or build the library again: the file is damaged, or is not a library.',
  }),
  ERR_WRONG_ARCHITECTURE: entry<Mismatch>({
    step: 'triage',
    when: 'The library was built for another processor.',
    message: ({ expected, found }) => `built for ${found}, this process runs on ${expected}`,
    hint: ({ expected }) => `Install the plugin's build for ${expected}, or build it here.`,
  }),
  ERR_WRONG_PLATFORM: entry<Mismatch>({
    step: 'triage',
    when: 'The library was built for another operating system.',
    message: ({ expected, found }) => `built for ${found}, this host runs on ${expected}`,
    hint: ({ expected }) => `Install the plugin's build for ${expected}, or build it here.`,
  }),
  ERR_CODE_SIGNATURE: entry<Mismatch>({
    step: 'triage',
    when: 'macOS on arm64 runs signed code only, and the library has no code signature, or was changed after it was signed. Who signed it is not checked.',
    message: ({ expected, found }) => `macOS would not run the library: expected ${expected}, found ${found}`,
    hint: 'Sign the library after the last tool that changes it (strip, install_name_tool): codesign --force --sign - followed by its path.',
  }),
  ERR_LIBC_TOO_OLD: entry<Mismatch>({
    step: 'triage',
    when: 'The library needs a newer C library than this system has.',
    message: ({ expected, found }) => `needs ${expected}, this system has ${found}`,
    hint: 'Install a build of the plugin for older systems, or update this system.',
  }),
  // `archive`: the archive of an Electron application, if the library is in one.
  ERR_LIBRARY_PATH: entry<Mismatch & { readonly archive?: string }>({
    step: 'open',
    when: "The system's loader would open a different file from the one that was checked, because it expands `$` in a path, or the path is relative. A plugin in such a folder is loaded from a private copy; the error is about the path of the copy. Or the plugin is in an archive of Electron (app.asar), where the system cannot open libraries.",
    message: ({ expected, found }) => `the system's loader cannot use this path: expected ${expected}, found ${found}`,
    hint: ({ archive }) =>
      archive === undefined
        ? 'Move the plugin to another folder, or set trust.copyDir to an absolute path without "$".'
        : `Unpack the whole plugin folder, so that it is in ${archive}.unpacked: asarUnpack of electron-builder, or packagerConfig.asar.unpackDir of Electron Forge.`,
  }),
  ERR_LIBRARY_MAPPED: entry<Mismatch & { readonly isOverwritten?: boolean }>({
    step: 'open',
    when: 'Something other than this host has the library open in the same process, and the private copy that the host opens instead is open as well. Or the file of a library that is open there was overwritten in place, as `cp` does: opening another library would crash the process.',
    message: ({ expected, found }) => `the library cannot be opened separately: expected ${expected}, found ${found}`,
    hint: ({ isOverwritten }) =>
      isOverwritten === true
        ? 'Restart that process: the host, or for a shared child disable all of its plugins and enable them again. Replace files by renaming new ones over them.'
        : "Open the plugin in a process of its own: isolation: 'process'.",
  }),
  ERR_LIBRARY_OVERWRITTEN: entry<{ readonly library: string }>({
    step: 'active',
    when: 'At an update, the library that runs in this process was found to be overwritten in place, as `cp` does: its code is lost, and calling it would crash the process. The host calls none of its functions any more, not even shutdown.',
    message: ({ library }) => `${library} was overwritten while it was in use, so its code is lost`,
    hint: 'Replace files by renaming new ones over them, or open the host with watch: true. The library stays mapped until the host ends.',
  }),
  ERR_MISSING_SYMBOL: entry<{ readonly symbol: string }>({
    step: 'bind',
    when: 'The library does not export a function that every plugin must export.',
    message: ({ symbol }) => `the library does not export ${symbol}`,
    hint: ({ symbol }) => `Define ${symbol} with AISOPOD_EXPORT (in C++ inside extern "C") and build again.`,
  }),
  // `neededBy`: the file that needs it, if known. `isBeside`: the library is in the same folder as that file, but the folder is not searched.
  ERR_MISSING_DEPENDENCY: entry<{ readonly library: string; readonly reason: string; readonly neededBy?: string; readonly isBeside?: boolean }>({
    step: 'open',
    when: 'A library that the plugin needs, directly or through another library, cannot be found.',
    message: ({ library, reason, neededBy }) =>
      `${neededBy === undefined ? '' : `${basename(neededBy)} `}needs ${library}, which cannot be loaded: ${reason}`,
    hint: ({ library, neededBy, isBeside }) => {
      const libc = libcNamed(library);
      if (libc !== undefined) return `Build the plugin for the C library that this process uses: ${library} belongs to ${libc}.`;
      const user = neededBy === undefined ? "the plugin's library" : basename(neededBy);
      const linkerOption = process.platform === 'darwin' ? '-Wl,-rpath,@loader_path' : "-Wl,-rpath,'$ORIGIN'";
      if (isBeside === true) return `${library} is in the folder of ${user}, but that folder is not searched: link ${user} with ${linkerOption} (docs/plugins.md).`;
      if (process.platform === 'win32') return `Install ${library}, or ship it in the folder of ${user}.`;
      return `Install ${library}, or ship it in the folder of ${user} and link ${user} with ${linkerOption}.`;
    },
  }),
  // `isShared`: the same bytes, in use by another instance. `isEarlier`: loaded for this plugin before it was updated.
  ERR_LIBRARY_CONFLICT: entry<Mismatch & { readonly library: string; readonly isShared?: boolean; readonly isEarlier?: boolean }>({
    step: 'triage',
    when: 'The process has already loaded a different library with a name that the plugin needs, and the plugin would get that one. Or it has loaded the same library for another instance of the plugin or for a plugin of another host, and both would share its global variables.',
    message: ({ library, expected, found, isShared }) =>
      isShared === true
        ? `needs ${library} (${expected}), but another instance or host already uses this library in the same process (${found}): its global variables would be shared`
        : `needs ${library} (${expected}), but this process already has another library of that name: ${found}`,
    hint: ({ isShared, isEarlier }) => {
      if (isEarlier === true) {
        return 'The process keeps the earlier file until it ends. Restart that process (the host, or for a shared child disable all of its plugins and enable them again), or run the plugin in a process of its own (isolation: "process" for it; docs/hosts.md).';
      }
      return isShared === true
        ? 'Run the plugin in a process of its own (isolation: "process" for it; docs/hosts.md), or shut the other instance down first.'
        : 'Run the plugin in a process of its own (isolation: "process" for it; docs/hosts.md), or rebuild one of the two with another SONAME.';
    },
  }),
  ERR_RUNTIME_CONFLICT: entry<{ readonly what: string; readonly reason: string }>({
    step: 'triage',
    when: 'The plugin needs a language or sanitizer runtime that cannot work in this process.',
    message: ({ what, reason }) => `needs ${what}: ${reason}`,
    hint: ({ what }) =>
      what.includes('sanitizer')
        ? 'Build the plugin without -fsanitize. To test it with a sanitizer, load the runtime with LD_PRELOAD, set for the host or in the env option for its child.'
        : 'Run the plugin in a process of its own (isolation: "process" for it; docs/hosts.md).',
  }),
  // `builtFor`: the C library that the plugin was built for, if this process has the other one.
  ERR_UNDEFINED_SYMBOL: entry<{ readonly symbol: string; readonly reason: string; readonly builtFor?: 'glibc' | 'musl' }>({
    step: 'open',
    when: 'The library uses a symbol that neither it nor any library that it needs defines.',
    message: ({ symbol, reason }) => `uses ${symbol}, which is not defined: ${reason}`,
    hint: ({ symbol, builtFor }) =>
      builtFor !== undefined
        ? `Build the plugin for the C library that this process uses: it was built for ${builtFor}.`
        : /^__(?:a|t|m|l|ub|hwa)san_|^__sanitizer_/.test(symbol)
          ? 'Build the plugin without -fsanitize: its sanitizer must be the first library of a process, and this process does not have it.'
          : 'Link the plugin with the library that defines it. -Wl,-z,defs makes the linker report such symbols.',
  }),
  ERR_LIBRARY_LOAD: entry<{ readonly reason: string }>({
    step: 'open',
    when: 'The operating system could not open the library, for a reason without an error code of its own.',
    message: ({ reason }) => `the system could not open the library: ${reason}`,
    hint: ({ reason }) => loadHint(reason),
  }),
  // `timeoutMs` is set if the function did not return in time and is still running.
  ERR_CREATE_FAILED: entry<{ readonly symbol: string; readonly reason: string; readonly timeoutMs?: number }>({
    step: 'create',
    when: 'aisopod_plugin_create returned NULL. Or it, aisopod_plugin_abi_version or a constructor of the library did not return in time, or no thread was free for it.',
    message: ({ symbol, reason }) => `${symbol} ${reason}`,
    hint: createHint,
  }),
  ERR_INVALID_PLUGIN: entry<Mismatch & { readonly member: string }>({
    step: 'create',
    when: 'The aisopod_plugin that create returned breaks the contract (rule 6 of docs/abi.md).',
    message: ({ member, expected, found }) => `aisopod_plugin.${member}: expected ${expected}, found ${found}`,
    hint: 'This is a bug in the plugin: set every required member of aisopod_plugin, and set size to sizeof(aisopod_plugin).',
  }),
  ERR_ID_MISMATCH: entry<Mismatch>({
    step: 'create',
    when: 'The id in the library is not the id in the manifest.',
    message: ({ expected, found }) => `the manifest says id ${expected}, the library says ${found}`,
    hint: 'Give the manifest and the library the same id, or install the library that belongs to the manifest.',
  }),
  ERR_CHILD_PROCESS: entry<{ readonly reason: string; readonly advice?: string | undefined }>({
    step: 'open',
    when: "The plugin's child process could not be started.",
    message: ({ reason }) => `its process could not be started: ${reason}`,
    hint: ({ advice }) => advice ?? MACHINE_HINTS.start,
  }),
  ERR_NO_ADDONS: entry<{ readonly reason: string }>({
    step: 'open',
    when: 'Node may not load native addons, which koffi is, or the system refused to load it. Thrown when this package is loaded.',
    message: ({ reason }) => `cannot load koffi: ${reason}`,
    hint: ({ reason }) =>
      /different Team IDs|code signature|system policy/.test(reason)
        ? 'Sign koffi.node with the Team ID of this program, or sign the program with the entitlement com.apple.security.cs.disable-library-validation (docs/hosts.md).'
        : 'Start Node with --allow-addons (and --allow-child-process for plugins in processes of their own), or without --permission and --no-addons. See the message above for any other reason.',
  }),
  ERR_PROTOTYPE_MEMBERS: entry<{ readonly operation: string; readonly found: string }>({
    step: 'register',
    when: 'Code in the host has added enumerable members to Object.prototype that cannot be removed. The libraries that this package uses then cannot be loaded, or cannot compile a JSON Schema.',
    message: ({ operation, found }) => `cannot ${operation}: Object.prototype has members that cannot be removed: ${found}`,
    hint: 'Load this package before these members are added, or add them with enumerable: false or configurable: true. The plugin is not at fault.',
  }),
  ERR_MISSING_PACKAGE: entry<{ readonly packageName: string }>({
    step: 'open',
    when: 'An optional package that this function needs is not installed.',
    message: ({ packageName }) => `the package ${packageName} is not installed`,
    hint: ({ packageName }) => `Install it beside aisopod-plugin: npm install ${packageName}`,
  }),
  ERR_INTERNAL: entry<{ readonly reason: string }>({
    step: 'open',
    when: 'An unexpected error. `cause` is the error itself.',
    message: ({ reason }) => `unexpected error: ${reason}`,
    hint: "See the stack of `cause`. If the host's own code did not throw it, report a bug in aisopod-plugin.",
  }),
} as const;
