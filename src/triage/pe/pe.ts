import { Buffer } from 'node:buffer';
import type { ByteSource } from '../byte-source.js';
import { type Facts, NO_TRAITS, type Traits } from '../facts.js';
import { LIMITS } from '../limits.js';
import { NO_NOTE, readNote } from '../note.js';
import { readExports } from './exports.js';
import { DIRECTORY, readPeHeader } from './header.js';
import { Image } from './image.js';
import { readDelayImports, readImports } from './imports.js';

/** Machine → Node's name. */
const MACHINES: Readonly<Record<number, string>> = {
  0x14c: 'ia32',
  0x1c0: 'arm',
  0x1c4: 'arm',
  0x8664: 'x64',
  0xaa64: 'arm64',
};
const INITIALIZED_DATA = 0x40;
const WRITABLE = 0x80000000;
const GO_BUILD_INFO = Buffer.from('\xff Go buildinf:', 'latin1');
/** How many bytes of the section are searched for Go's marker. */
const GO_SEARCH = 64 * 1024;

export function readPe(source: ByteSource): Facts {
  const { reader, header } = readPeHeader(source);
  const image = new Image(reader, header);
  const { bits } = reader.encoding;
  const arch = MACHINES[header.machine] ?? `machine ${header.machine}`;
  const { noteAddress, ...found } = readExports(image);
  const note = noteAddress === undefined ? NO_NOTE : readNote(reader, image.locate(noteAddress)?.offset, bits);
  return {
    format: 'pe',
    bits,
    endianness: 'LE',
    arch,
    archs: [arch],
    os: 'win32',
    libc: undefined,
    ...found,
    needed: readImports(image),
    neededOptionally: readDelayImports(image),
    searchPaths: [],
    searchPathsInherited: false,
    ownName: undefined,
    ...note,
    minSystemVersion: undefined,
    codeSignature: undefined,
    traits: { ...NO_TRAITS, ...threadLocals(image), entryPoint: header.entryPoint !== 0, goRuntime: hasGoRuntime(image) },
  };
}

/** The TLS directory, which also lists callbacks that run before the entry point. */
function threadLocals(image: Image): Pick<Traits, 'threadLocals' | 'constructors'> {
  const directory = image.directory(DIRECTORY.TLS);
  if (directory === undefined) return { threadLocals: false, constructors: 0 };
  const word = image.reader.encoding.bits / 8;
  const callbacks = image.window('the thread-local directory', directory.address).fields(0, 4 * word).word(3 * word);
  if (callbacks === 0) return { threadLocals: true, constructors: 0 };

  const list = image.window('the thread-local callbacks', callbacks - image.header.imageBase);
  let constructors = 0;
  while (constructors < LIMITS.entries && list.fields(constructors * word, word).word(0) !== 0) constructors += 1;
  return { threadLocals: true, constructors };
}

/** In PE files Go's build marker has no section or symbol; the linker writes it near the start of the writable data. */
function hasGoRuntime({ reader, header }: Image): boolean {
  const data = header.sections.find(({ flags, offset }) => (flags & INITIALIZED_DATA) !== 0 && (flags & WRITABLE) !== 0 && offset > 0);
  return data !== undefined && reader.bytes(data.offset, Math.min(data.fileSize, GO_SEARCH)).includes(GO_BUILD_INFO);
}
