/** Patches the processor in a library's header, which makes it a valid library for another machine. */

const ELF_MACHINE = 18;
const ELF = { x86_64: 62, aarch64: 183 };
const MACH_CPU_TYPE = 4;
const MACH = { x86_64: 0x01000007, arm64: 0x0100000c };
const PE_OFFSET = 0x3c;
const PE = { x86_64: 0x8664, arm64: 0xaa64 };

const other = ([first, second], found) => (found === first ? second : first);

/**
 * @param {Buffer} library an ELF, Mach-O (one architecture) or PE file
 * @returns {Buffer} a copy with x86-64 and 64-bit ARM swapped
 */
export function asWrongArchitecture(library) {
  const bytes = Buffer.from(library);
  if (bytes.readUInt32BE(0) === 0x7f454c46) {
    bytes.writeUInt16LE(other(Object.values(ELF), bytes.readUInt16LE(ELF_MACHINE)), ELF_MACHINE);
  } else if (bytes.readUInt32LE(0) === 0xfeedfacf) {
    bytes.writeUInt32LE(other(Object.values(MACH), bytes.readUInt32LE(MACH_CPU_TYPE)), MACH_CPU_TYPE);
  } else {
    const machine = bytes.readUInt32LE(PE_OFFSET) + 4;
    bytes.writeUInt16LE(other(Object.values(PE), bytes.readUInt16LE(machine)), machine);
  }
  return bytes;
}
