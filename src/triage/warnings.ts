import { basename } from 'node:path';
import { libcNamed } from '../errors/libc-named.js';
import { bringsAllocator } from './dependencies.js';
import type { Judged } from './judge.js';
import type { Target } from './target.js';
import type { Warning } from './verdict.js';

const SIGN = 'Sign it after the last tool that changes it: codesign --force --sign - followed by its path.';

/** Warnings that make the verdict uncertain. */
export function uncertainties(facts: Judged, { libc }: Target): Warning[] {
  const found: Warning[] = [];
  if (facts.libc !== undefined && libc !== undefined && facts.libc.flavour !== libc.flavour) {
    found.push({
      topic: 'libc-flavour',
      message: `The library was linked against ${facts.libc.flavour}; this process uses ${libc.flavour}.`,
      // It may still open, if it uses little of libc or if a compatibility library is installed.
      hint: `If it does not open, build the plugin for ${libc.flavour}${libc.flavour === 'musl' ? ` and put that library into the folder ${facts.os ?? 'linux'}-${facts.arch}-musl of the plugin` : ''}.`,
    });
  } else if (facts.libc?.version !== undefined && libc?.version === undefined) {
    found.push({
      topic: 'libc-version',
      message: `The library needs ${facts.libc.flavour} ${facts.libc.version}; the version in this process is unknown.`,
      hint: 'If it does not open, build the plugin on an older system.',
    });
  }
  if (facts.missing.length > 0) {
    const message = `Missing dependencies: ${facts.missing.join(', ')}.`;
    found.push({ topic: 'missing-dependency', message, hint: missingHint(facts) });
  }
  if (facts.exportsTruncated) {
    const hint = 'Export fewer symbols: build with -fvisibility=hidden.';
    found.push({ topic: 'exports-truncated', message: 'The library exports too many symbols to read them all.', hint });
  }
  return found;
}

function missingHint({ dependencies = [], missing }: Judged): string {
  const first = dependencies.find(({ path }) => path === undefined);
  if (first === undefined) return `Install ${missing.join(', ')}.`;
  const libc = libcNamed(first.name);
  if (libc !== undefined) return `Build the plugin for the C library that this process uses: ${first.name} belongs to ${libc}.`;
  const dependent = basename(first.neededBy);
  const link = `link ${dependent} with -Wl,-rpath,'$ORIGIN'`;
  if (first.isBeside) return `${first.name} is in the folder of ${dependent}, but that folder is not searched: ${link}.`;
  return `Install ${first.name}, or ship it in the folder of ${dependent} and ${link}.`;
}

/** Warnings that do not affect the verdict. */
export function advisories(facts: Judged): Warning[] {
  const { note, noteProblem, codeSignature, traits, dependencies = [] } = facts;
  const found: Warning[] = [];
  const advise = (topic: Warning['topic'], message: string, hint: string): void => void found.push({ topic, message, hint });
  const writeNote = 'Write AISOPOD_DEFINE_ABI(); in one C or C++ file of the plugin; in other languages see rule 4 of docs/abi.md.';
  if (noteProblem !== undefined) {
    advise('note-damaged', `The library's aisopod_plugin_note is invalid: ${noteProblem}.`, writeNote);
  } else if (note === undefined) {
    advise('note-missing', 'The library does not export aisopod_plugin_note, so its ABI version is unknown until its code runs.', writeNote);
  }
  if (codeSignature?.state === 'broken') {
    const message = `The code signature of the library is broken: ${codeSignature.problem ?? ''}. Some macOS programs refuse to open it.`;
    advise('code-signature', message, SIGN);
  }
  if (traits.executableStack) {
    advise('executable-stack', 'The library requests an executable stack; newer systems refuse to open it.', 'Link it with -Wl,-z,noexecstack.');
  }
  if (traits.staticThreadLocals) {
    const message = 'The library uses static TLS, which is limited per process; opening it fails when none is left.';
    advise('static-thread-locals', message, 'Build it without -ftls-model=initial-exec.');
  }
  if (traits.goRuntime || dependencies.some(({ goRuntime }) => goRuntime)) {
    advise('go-runtime', 'The library contains a Go runtime; two Go runtimes in one process are unsafe.', 'Run the plugin in its own process.');
  }
  if (bringsAllocator(facts)) {
    const message = 'The library exports an allocator (malloc, free, operator new …), so it is opened without RTLD_DEEPBIND and symbols that Node exports take precedence.';
    advise('allocator', message, 'Hide the symbols of the allocator and of other bundled libraries: build with -fvisibility=hidden, or link with --exclude-libs,ALL.');
  }
  if (traits.uniqueSymbols) {
    const message = 'The library exports unique C++ symbols (static data of templates and inline functions): plugins in one process share those with the same name.';
    advise('unique-symbols', message, 'Build it with -fno-gnu-unique or -fvisibility=hidden, or run the plugin in its own process.');
  }
  if (traits.neverUnloads || traits.uniqueSymbols) {
    advise('never-unloads', 'The library stays in memory until the process ends, even after a reload.', 'No action needed: a reload uses another copy or another process.');
  }
  return found;
}
