import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where the code at an address is. */
export interface SourceLine {
  readonly name: string;
  /** The name of the file, and the line. */
  readonly source: string;
}

/** The functions and lines at these offsets of a library, by offset, for those that its debug information names. Empty without addr2line. */
export async function sourceLines(library: string, offsets: readonly string[]): Promise<ReadonlyMap<string, SourceLine>> {
  const { stdout } = await run('addr2line', ['-a', '-f', '-i', '-C', '-s', '-e', library, ...offsets]).catch(() => ({ stdout: '' }));
  // Of each address: the address, then a function and a line; where functions were inlined, more of these follow.
  const found = stdout.split(/^0x/m).slice(1).map((text) => text.split('\n'));
  return new Map(
    found.flatMap(([address = '', name = '', source = '']) => {
      const offset = `0x${BigInt(`0x${address.trim()}`).toString(16)}`;
      return name === '??' ? [] : [[offset, { name, source: source.replace(/ \(discriminator \d+\)$/, '') }]];
    }),
  );
}
