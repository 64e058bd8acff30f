import type { Judged } from './judge.js';
import type { Target } from './target.js';
import type { Warning } from './verdict.js';

/** What keeps a verdict from being certain. */
export function doubts(facts: Judged, { libc }: Target): Warning[] {
  const found: Warning[] = [];
  if (facts.libc !== undefined && libc !== undefined && facts.libc.flavour !== libc.flavour) {
    // It may open all the same: a compatibility library helps some, and a library that uses little needs none.
    const message = `It was linked against ${facts.libc.flavour}; this process runs on ${libc.flavour}.`;
    found.push({ topic: 'libc-flavour', message });
  } else if (facts.libc?.version !== undefined && libc?.version === undefined) {
    const message = `It needs ${facts.libc.flavour} ${facts.libc.version}; the version of this process is not known.`;
    found.push({ topic: 'libc-version', message });
  }
  if (facts.missing.length > 0) {
    const message = `Libraries that it needs were not found: ${facts.missing.join(', ')}.`;
    found.push({ topic: 'missing-dependency', message });
  }
  if (facts.exportsTruncated) {
    found.push({ topic: 'exports-truncated', message: 'It exports more names than were read.' });
  }
  return found;
}

/** What a host may want to know of a library that it can load. */
export function remarks({ note, noteProblem, traits }: Judged): Warning[] {
  const found: Warning[] = [];
  const remark = (topic: Warning['topic'], message: string): void => void found.push({ topic, message });
  if (noteProblem !== undefined) {
    remark('note-damaged', `Its aisopod_plugin_note makes no sense: ${noteProblem}.`);
  } else if (note === undefined) {
    remark('note-missing', 'It exports no aisopod_plugin_note: its ABI version is only known once its code runs.');
  }
  if (traits.executableStack) {
    remark('executable-stack', 'It wants an executable stack; newer systems refuse to open it (link with -Wl,-z,noexecstack).');
  }
  if (traits.staticThreadLocals) {
    remark('static-thread-locals', 'Its thread-local variables want a place fixed at process start; there may be none left.');
  }
  if (traits.goRuntime) {
    remark('go-runtime', 'It brings a Go runtime; two of them in one process are unsafe. Run it in a process of its own.');
  }
  if (traits.neverUnloads || traits.uniqueSymbols) {
    remark('never-unloads', 'It stays in memory until the process ends, after a reload too.');
  }
  return found;
}
