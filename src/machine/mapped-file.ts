import { readFileSync } from 'node:fs';

/** A file that is mapped into this process. */
export interface MappedFile {
  /** Its device and inode. */
  readonly file: string;
  /** The addresses of its code. */
  readonly code: readonly AddressRange[];
}

export interface AddressRange {
  readonly from: number;
  readonly to: number;
}

interface Mapping extends AddressRange {
  readonly isCode: boolean;
  /** Empty for memory that is of no file. */
  readonly file: string;
}

/** Addresses, permissions, offset, device, inode. */
const LINE = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ (\S+) (\d+)/gm;

/** The mappings of this process. Linux only; empty if /proc is not mounted. */
export function mappings(): readonly Mapping[] {
  let text: string;
  try {
    text = readFileSync('/proc/self/maps', 'utf8');
  } catch {
    return [];
  }
  return Array.from(text.matchAll(LINE), ([, from = '', to = '', permissions = '', device = '', inode = '0']) => ({
    from: Number.parseInt(from, 16),
    to: Number.parseInt(to, 16),
    isCode: permissions.includes('x'),
    file: inode === '0' ? '' : `${device} ${inode}`,
  }));
}

/** The file that is mapped at `address`; undefined if that is unknown. */
export function mappedFileAt(address: number): MappedFile | undefined {
  const all = mappings();
  const file = all.find(({ from, to }) => address >= from && address < to)?.file ?? '';
  return file === '' ? undefined : { file, code: all.filter((one) => one.file === file && one.isCode) };
}

export const isFileMapped = ({ file }: MappedFile): boolean => mappings().some((one) => one.file === file);
