import type { Encoding } from '../reader.js';

/** e_machine (numbers from the ELF specification) → Node's name, by address width. */
const MACHINES: Readonly<Record<number, { readonly 32?: string; readonly 64?: string }>> = {
  2: { 32: 'sparc' },
  3: { 32: 'ia32' },
  8: { 32: 'mips', 64: 'mips64' },
  20: { 32: 'ppc' },
  21: { 64: 'ppc64' },
  22: { 32: 's390', 64: 's390x' },
  40: { 32: 'arm' },
  43: { 64: 'sparc64' },
  // 64-bit registers with 32-bit pointers: another ABI, so another name.
  62: { 32: 'x32', 64: 'x64' },
  183: { 32: 'arm64-ilp32', 64: 'arm64' },
  243: { 32: 'riscv32', 64: 'riscv64' },
  258: { 32: 'loong32', 64: 'loong64' },
};

/** Node's name for an ELF machine. */
export function elfArch(machine: number, { bits, littleEndian }: Encoding): string {
  const arch = MACHINES[machine]?.[bits] ?? `machine ${machine}`;
  return arch.startsWith('mips') && littleEndian ? `${arch}el` : arch;
}
