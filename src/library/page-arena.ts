import type { Buffer } from 'node:buffer';
import { koffi } from './koffi-settings.js';
import { addressOf, copyBytes, libc, ownBuffer, type Address } from './memory.js';

/*
 * Memory by pages whose access can be taken away, so that the processor reports a plugin which reads or writes where it must not.
 */

type Access = 'none' | 'read' | 'write';

interface PageCalls {
  readonly pageSize: number;
  /** Returns 0 if there is no memory. */
  allocate(bytes: number): number;
  protect(at: number, bytes: number, access: Access): boolean;
  /** Gives the content back, if the system can: the pages read as zeros. */
  discard(at: number, bytes: number): void;
}

type Call = (...args: number[]) => number;

const PROT: Readonly<Record<Access, number>> = { none: 0, read: 1, write: 3 };
const MAP_PRIVATE = 2;
const MADV_DONTNEED = 4;
const MAP_ANONYMOUS = process.platform === 'darwin' ? 0x1000 : 0x20;

function posixCalls(): PageCalls {
  const mmap = libc.func('mmap', 'intptr_t', ['uintptr_t', 'size_t', 'int', 'int', 'int', 'int64_t']) as Call;
  const mprotect = libc.func('mprotect', 'int', ['uintptr_t', 'size_t', 'int']) as Call;
  const madvise = libc.func('madvise', 'int', ['uintptr_t', 'size_t', 'int']) as Call;
  const pageSize = (libc.func('getpagesize', 'int', []) as Call)();
  return {
    pageSize,
    allocate: (bytes) => Math.max(0, mmap(0, bytes, PROT.write, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)),
    protect: (at, bytes, access) => mprotect(at, bytes, PROT[access]) === 0,
    discard: (at, bytes) => void (process.platform === 'linux' && madvise(at, bytes, MADV_DONTNEED)),
  };
}

const PAGE: Readonly<Record<Access, number>> = { none: 1, read: 2, write: 4 }; // PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE
const MEM_COMMIT_RESERVE = 0x3000;

function windowsCalls(): PageCalls {
  const kernel = koffi.load('kernel32.dll');
  const virtualAlloc = kernel.func('VirtualAlloc', 'uintptr_t', ['uintptr_t', 'size_t', 'uint32_t', 'uint32_t']) as Call;
  const virtualProtect = kernel.func('VirtualProtect', 'int', ['uintptr_t', 'size_t', 'uint32_t', 'uintptr_t']) as Call;
  const before = ownBuffer(4);
  return {
    pageSize: 4096,
    allocate: (bytes) => virtualAlloc(0, bytes, MEM_COMMIT_RESERVE, PAGE.write),
    protect: (at, bytes, access) => virtualProtect(at, bytes, PAGE[access], addressOf(before)) !== 0,
    discard: () => undefined,
  };
}

let calls: PageCalls | undefined;

interface PageBlock {
  readonly start: number;
  /** In bytes, without the spare page. */
  readonly pages: number;
  readonly at: Address;
  readonly length: number;
}

/** Some blocks of memory. Each ends at the end of a page, which a spare page follows. It is never freed: its addresses stay unique. */
export class PageArena {
  readonly #blocks: readonly PageBlock[];
  readonly #calls: PageCalls;

  /** @throws Error if there is no memory */
  constructor(lengths: readonly number[]) {
    this.#calls = calls ??= process.platform === 'win32' ? windowsCalls() : posixCalls();
    const { pageSize } = this.#calls;
    const pages = lengths.map((length) => Math.max(1, Math.ceil(length / pageSize)) * pageSize);
    const total = pages.reduce((sum, bytes) => sum + bytes + pageSize, 0);
    let start = this.#calls.allocate(total);
    if (start === 0) throw new Error(`no memory for ${total} bytes`);
    this.#blocks = lengths.map((length, index) => {
      const bytes = pages[index] ?? 0;
      const block = { start, pages: bytes, at: (start + bytes - length) as Address, length };
      start += bytes + pageSize;
      return block;
    });
  }

  /** Where a block begins. */
  at(block: number): Address {
    return this.#block(block).at;
  }

  write(block: number, bytes: Buffer): void {
    const { at, length } = this.#block(block);
    const own = ownBuffer(bytes.length); // a Buffer of Node's pool may move
    bytes.copy(own);
    copyBytes(at, addressOf(own), Math.min(length, bytes.length));
  }

  read(block: number): Buffer {
    const { at, length } = this.#block(block);
    const bytes = ownBuffer(length);
    copyBytes(addressOf(bytes), at, length);
    return bytes;
  }

  /** From now on the process crashes if something touches the page behind the block. */
  guardEnd(block: number): void {
    const { start, pages } = this.#block(block);
    this.#protect(start + pages, this.#calls.pageSize, 'none');
  }

  /** From now on the process crashes if something writes into the block. */
  makeReadOnly(block: number): void {
    const { start, pages } = this.#block(block);
    this.#protect(start, pages, 'read');
  }

  /** From now on the process crashes if something touches the block. */
  forbid(block: number): void {
    const { start, pages } = this.#block(block);
    this.#protect(start, pages, 'none');
  }

  /** Gives the content of all blocks back. Their addresses stay valid. */
  discard(): void {
    for (const { start, pages } of this.#blocks) this.#calls.discard(start, pages);
  }

  #protect(at: number, bytes: number, access: Access): void {
    if (!this.#calls.protect(at, bytes, access)) throw new Error(`the system does not change the access to ${bytes} bytes of memory`);
  }

  #block(index: number): PageBlock {
    const block = this.#blocks[index];
    if (block === undefined) throw new Error(`there is no block ${index}`);
    return block;
  }
}
