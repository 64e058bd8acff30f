import { HEADER_VERSION } from '../../../abi/header-sizes.js';
import { error, warning, type StaticCheck } from '../check.js';
import { refused } from './libraries.js';
import { ofEachLibrary } from './rows.js';

const WRITE_NOTE = 'Write AISOPOD_DEFINE_ABI(); in one C or C++ file of the plugin.';

const present = ofEachLibrary(
  {
    id: 'note-present',
    source: 'rule 4',
    title: 'Every library exports the note, aisopod_plugin_note',
    breaks: 'A host has to run code of the plugin to learn its ABI version, and cannot check the sizes of its structs at all.',
  },
  ({ triage: { note, noteProblem } }) => (note === undefined && noteProblem === undefined ? [warning(`There is no note. ${WRITE_NOTE}`)] : []),
);

const intact = ofEachLibrary(
  {
    id: 'note-intact',
    source: 'rule 4',
    title: 'The note is constant data with the magic number and a valid size',
    breaks: 'A host ignores the note, and treats the plugin as one without.',
  },
  ({ triage: { noteProblem } }) => (noteProblem === undefined ? [] : [error(`The note is invalid: ${noteProblem}. ${WRITE_NOTE}`)]),
);

const complete = ofEachLibrary(
  {
    id: 'note-complete',
    source: 'rule 4',
    title: 'The note says the version of the header and the size of every struct',
    breaks: 'A host cannot tell a struct of the wrong size from one of another version.',
  },
  ({ triage: { note } }) => (note !== undefined && note.callSize === undefined ? [warning(`The note ends after ${note.size} bytes. ${WRITE_NOTE}`)] : []),
);

const abi = ofEachLibrary(
  {
    id: 'note-abi-supported',
    source: 'rule 3',
    title: 'Hosts support the ABI version in the note',
    breaks: 'Every host refuses the library: ERR_ABI_MISMATCH.',
  },
  (library) => refused(library, 'ERR_ABI_MISMATCH'),
);

const sizes = ofEachLibrary(
  {
    id: 'note-struct-sizes',
    source: 'rule 2',
    title: 'The sizes of the structs in the note are those of its header version',
    breaks: 'The plugin reads and writes members at wrong offsets: memory of the host is overwritten.',
  },
  (library) => refused(library, 'ERR_STRUCT_SIZE'),
);

const known = ofEachLibrary(
  {
    id: 'note-header-known',
    source: 'rule 3',
    title: 'The header that the library was built with is not newer than this package',
    breaks: 'This package checks the plugin by an older contract than the one it was written for.',
  },
  ({ triage: { note } }) => {
    const found = note?.headerVersion ?? 0;
    return found > HEADER_VERSION ? [warning(`The library was built with header version ${found}; this package knows ${HEADER_VERSION}. Validate with the package that the header is from.`)] : [];
  },
);

const manifestAgrees = ofEachLibrary(
  {
    id: 'note-agrees-with-manifest',
    source: 'manifest: compatibility.abi',
    title: 'The ABI version in the manifest is that of the note',
    breaks: 'A list of plugins says that the plugin fits, and the host then refuses it, or the other way round.',
  },
  ({ triage: { note } }, { manifest }) => {
    const said = manifest?.compatibility.abi;
    if (said === undefined || note === undefined || said === note.abiVersion) return [];
    return [error(`The manifest says ABI version ${said}, the note ${note.abiVersion}.`)];
  },
);

export const NOTE_CHECKS: readonly StaticCheck[] = [present, intact, complete, abi, sizes, known, manifestAgrees];
