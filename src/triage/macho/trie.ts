import { Buffer } from 'node:buffer';
import { MalformedFileError } from '../malformed-file.js';
import { LIMITS } from '../limits.js';
import type { Reader } from '../reader.js';

const REEXPORT = 0x08;
const MAX_ULEB_BYTES = 10;

/** One exported symbol. `address` is relative to the header; a re-export has a name in another library instead. */
export interface TrieExport {
  readonly name: string;
  readonly address?: number;
  /** Empty if it is the same name. */
  readonly importedAs?: string;
}

/** Reads numbers and strings sequentially. */
class Cursor {
  constructor(
    private readonly table: Reader,
    public at: number,
  ) {}

  byte(): number {
    return this.table.fields(this.at++, 1).u8(0);
  }

  /** An unsigned LEB128 number: seven bits per byte, lowest first. */
  uleb(): number {
    let value = 0;
    for (let index = 0; index < MAX_ULEB_BYTES; index += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw new MalformedFileError(`numbers of at most ${MAX_ULEB_BYTES} bytes in the export trie`, 'a longer one');
  }

  /** Symbol names are bytes. Decoded as latin1, the string has one character per byte, by which `at` advances. */
  text(): string {
    const text = this.table.cstring(this.at, LIMITS.symbolName, 'latin1');
    this.at += text.length + 1;
    return text;
  }
}

/** Walks the export trie, a tree of name prefixes. `add` returns false to stop. Returns whether the walk was cut short. */
export function walkTrie(trie: Reader, add: (found: TrieExport) => boolean): { readonly truncated: boolean } {
  const pending = trie.size === 0 ? [] : [{ at: 0, prefix: '' }];
  let nodes = 1;
  let consumed = 0;
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const cursor = new Cursor(trie, node.at);
    const size = cursor.uleb();
    const childrenAt = cursor.at + size;
    if (size > 0 && !add(readExport(cursor, node.prefix))) return { truncated: true };
    cursor.at = childrenAt;
    for (let children = cursor.byte(); children > 0; children -= 1) {
      if (++nodes > LIMITS.symbols) return { truncated: true };
      const prefix = node.prefix + cursor.text();
      if (prefix.length > LIMITS.symbolName) throw new MalformedFileError(`names of at most ${LIMITS.symbolName} bytes`, 'a longer one');
      pending.push({ at: cursor.uleb(), prefix });
    }
    // Nodes do not overlap, so together they cannot be longer than the trie unless there is a loop.
    consumed += cursor.at - node.at;
    if (consumed > trie.size) throw new MalformedFileError('an export trie', 'a loop of nodes');
  }
  return { truncated: false };
}

function readExport(cursor: Cursor, prefix: string): TrieExport {
  const name = decode(prefix);
  const flags = cursor.uleb();
  if ((flags & REEXPORT) === 0) return { name, address: cursor.uleb() };
  cursor.uleb(); // which library
  return { name, importedAs: decode(cursor.text()) };
}

const decode = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');
