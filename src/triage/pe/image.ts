import { MalformedFileError } from '../malformed-file.js';
import type { Reader } from '../reader.js';
import type { Directory, PeHeader } from './header.js';

/** A PE file, addressed as it is mapped, relative to the image's base. */
export class Image {
  constructor(
    readonly reader: Reader,
    readonly header: PeHeader,
  ) {}

  /** Undefined if the file does not have the directory. */
  directory(index: number): Directory | undefined {
    const directory = this.header.directories[index];
    return directory === undefined || directory.address === 0 ? undefined : directory;
  }

  /** The file offset of `address`, and how many bytes of its section follow. */
  locate(address: number): { readonly offset: number; readonly available: number } | undefined {
    const home = this.header.sections.find((s) => address >= s.address && address < s.address + s.fileSize && s.offset > 0);
    if (home !== undefined) {
      const into = address - home.address;
      return { offset: home.offset + into, available: home.fileSize - into };
    }
    const { headersSize } = this.header;
    return address < headersSize ? { offset: address, available: headersSize - address } : undefined;
  }

  /** A view of what is mapped at `address`; without `size`, to the end of its section. */
  window(what: string, address: number, size?: number): Reader {
    const place = this.locate(address);
    if (place === undefined || (size !== undefined && size > place.available)) {
      throw new MalformedFileError(`${what} inside the file`, `it at address 0x${address.toString(16)}`);
    }
    return this.reader.window(what, place.offset, size ?? place.available);
  }

  /** The text at `address`, of at most `limit` bytes. */
  text(what: string, address: number, limit: number): string {
    return this.window(what, address).cstring(0, limit);
  }
}
