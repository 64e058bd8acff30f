import { basename } from 'node:path';
import { bringsAllocator } from './dependencies.js';
import type { Judged } from './judge.js';
import type { Target } from './target.js';
import type { Warning } from './verdict.js';

/** What keeps a verdict from being certain. */
export function doubts(facts: Judged, { libc }: Target): Warning[] {
  const found: Warning[] = [];
  if (facts.libc !== undefined && libc !== undefined && facts.libc.flavour !== libc.flavour) {
    found.push({
      topic: 'libc-flavour',
      message: `It was linked against ${facts.libc.flavour}; this process runs on ${libc.flavour}.`,
      // It may open all the same: a compatibility library helps some, and a library that uses little needs none.
      hint: `Build the plugin for ${libc.flavour}, if it does not open.`,
    });
  } else if (facts.libc?.version !== undefined && libc?.version === undefined) {
    found.push({
      topic: 'libc-version',
      message: `It needs ${facts.libc.flavour} ${facts.libc.version}; the version of this process is not known.`,
      hint: 'Build the plugin on an older system, if it does not open.',
    });
  }
  if (facts.missing.length > 0) {
    const message = `Libraries that it needs were not found: ${facts.missing.join(', ')}.`;
    found.push({ topic: 'missing-dependency', message, hint: missingHint(facts) });
  }
  if (facts.exportsTruncated) {
    const hint = 'Export less: build with -fvisibility=hidden.';
    found.push({ topic: 'exports-truncated', message: 'It exports more names than were read.', hint });
  }
  return found;
}

function missingHint({ dependencies = [], missing }: Judged): string {
  const first = dependencies.find(({ path }) => path === undefined);
  if (first === undefined) return `Install ${missing.join(', ')}.`;
  const user = basename(first.neededBy);
  const link = `link ${user} with -Wl,-rpath,'$ORIGIN'`;
  if (first.isBeside) return `${first.name} lies beside ${user}, which does not look there: ${link}.`;
  return `Install ${first.name}, or ship it beside ${user} and ${link}.`;
}

/** What a host may want to know of a library that it can load. */
export function remarks(facts: Judged): Warning[] {
  const { note, noteProblem, traits, dependencies = [] } = facts;
  const found: Warning[] = [];
  const remark = (topic: Warning['topic'], message: string, hint: string): void => void found.push({ topic, message, hint });
  const writeNote = 'Write AISOPOD_DEFINE_ABI(); in one C or C++ file of the plugin; in other languages see rule 4 of docs/abi.md.';
  if (noteProblem !== undefined) {
    remark('note-damaged', `Its aisopod_plugin_note makes no sense: ${noteProblem}.`, writeNote);
  } else if (note === undefined) {
    remark('note-missing', 'It exports no aisopod_plugin_note: its ABI version is only known once its code runs.', writeNote);
  }
  if (traits.executableStack) {
    remark('executable-stack', 'It wants an executable stack; newer systems refuse to open it.', 'Link it with -Wl,-z,noexecstack.');
  }
  if (traits.staticThreadLocals) {
    const message = 'Its thread-local variables want a place fixed at process start; there may be none left.';
    remark('static-thread-locals', message, 'Build it without -ftls-model=initial-exec.');
  }
  if (traits.goRuntime || dependencies.some(({ goRuntime }) => goRuntime)) {
    remark('go-runtime', 'It brings a Go runtime; two of them in one process are unsafe.', 'Run it in a process of its own.');
  }
  if (bringsAllocator(facts)) {
    const message = 'It brings an allocator (malloc, free, operator new …): it is opened without RTLD_DEEPBIND, so names that Node exports come first.';
    remark('allocator', message, 'Hide the names of the allocator and of other bundled libraries: build with -fvisibility=hidden, or link with --exclude-libs,ALL.');
  }
  if (traits.uniqueSymbols) {
    const message = 'It exports unique C++ symbols (static data of templates and inline functions): plugins in one process share those of one name.';
    remark('unique-symbols', message, 'Build it with -fno-gnu-unique or -fvisibility=hidden, or run it in a process of its own.');
  }
  if (traits.neverUnloads || traits.uniqueSymbols) {
    remark('never-unloads', 'It stays in memory until the process ends, after a reload too.', 'No action needed: a reload uses another copy or another process.');
  }
  return found;
}
