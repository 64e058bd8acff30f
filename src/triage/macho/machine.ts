/** cputype → Node's name. */
const MACHINES: Readonly<Record<number, string>> = {
  7: 'ia32',
  0x01000007: 'x64',
  12: 'arm',
  0x0100000c: 'arm64',
  0x0200000c: 'arm64-ilp32',
  18: 'ppc',
  0x01000012: 'ppc64',
};
const ARM64 = 0x0100000c;
const ARM64E = 2;

/** Node's name for a Mach-O machine. arm64e signs pointers and is another ABI: an arm64 process cannot load it. */
export function machoArch(type: number, subtype: number): string {
  // The high byte holds capabilities.
  if (type === ARM64 && (subtype & 0x00ffffff) === ARM64E) return 'arm64e';
  return MACHINES[type] ?? `machine ${type}`;
}
