import { error, note, warning, type StaticCheck } from '../check.js';
import { ofEachLibrary } from './rows.js';

const executableStack = ofEachLibrary(
  {
    id: 'stack-not-executable',
    source: 'triage',
    title: 'A library does not ask for an executable stack',
    breaks: 'glibc 2.41 and newer, and systems with stricter rules, refuse to open it. Elsewhere the stacks of the whole host become executable.',
  },
  ({ triage: { traits } }) => (traits.executableStack ? [error('The library asks for an executable stack. Link it with -Wl,-z,noexecstack; assembly needs a .note.GNU-stack section.')] : []),
);

const textRelocations = ofEachLibrary(
  {
    id: 'code-not-relocated',
    source: 'triage',
    title: 'The code of a library is the same wherever it is loaded',
    breaks: 'Systems with stricter rules, and musl, refuse to open the library. Elsewhere its code is writable while it is opened.',
  },
  ({ triage: { traits } }) => (traits.textRelocations ? [error('The library has text relocations. Compile everything in it with -fPIC.')] : []),
);

const writableCode = ofEachLibrary(
  {
    id: 'code-not-writable',
    source: 'triage',
    title: 'No memory of a library is both writable and executable',
    breaks: 'An overflow in the plugin becomes code that runs in the host. Systems with stricter rules refuse to open the library.',
  },
  ({ triage: { traits } }) => (traits.writableCode ? [error('A segment of the library is writable and executable. Link it without -N and without linker scripts that merge sections.')] : []),
);

const staticThreadLocals = ofEachLibrary(
  {
    id: 'thread-locals-dynamic',
    source: 'triage',
    title: 'A library does not use static thread-local storage',
    breaks: 'A process has little room for it: opening the library fails after other libraries have used it up.',
  },
  ({ triage: { traits } }) => {
    if (!traits.staticThreadLocals) return [];
    if (traits.goRuntime) return [note('The Go runtime uses static TLS.')];
    return [warning('The library uses static TLS. Build it without -ftls-model=initial-exec.')];
  },
);

const uniqueSymbols = ofEachLibrary(
  {
    id: 'symbols-not-unique',
    source: 'triage',
    title: 'A library defines no unique symbols of C++',
    breaks: 'Plugins in one process share static data of the same name, and a reload keeps the old library in memory.',
  },
  ({ triage: { traits } }) => (traits.uniqueSymbols ? [warning('The library exports unique symbols. Build it with -fno-gnu-unique, as aisopod_add_plugin() does.')] : []),
);

const unloads = ofEachLibrary(
  {
    id: 'library-unloads',
    source: 'triage',
    title: 'A library can be unloaded',
    breaks: 'Every reload in the same process keeps the old library in memory.',
  },
  ({ triage: { traits } }) => {
    if (!traits.neverUnloads) return [];
    if (traits.goRuntime) return [note('A library with a Go runtime stays in memory until its process ends.')];
    return [warning('The library is linked with -z nodelete: it stays in memory until its process ends.')];
  },
);

const oneRuntime = ofEachLibrary(
  {
    id: 'runtime-can-be-shared',
    source: 'platforms',
    title: 'A library has no runtime that can be in a process only once',
    breaks: 'Two plugins with a Go runtime in one process are unsafe. Each in a process of its own, which is the default, they are not.',
  },
  ({ triage: { traits } }) => (traits.goRuntime ? [note('The library contains a Go runtime: a host must run it in a process of its own if another plugin has one too.')] : []),
);

export const CODE_CHECKS: readonly StaticCheck[] = [executableStack, textRelocations, writableCode, staticThreadLocals, uniqueSymbols, unloads, oneRuntime];
