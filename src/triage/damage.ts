/**
 * What a reader throws when the file is not what it should be. `triage` turns it into ERR_LIBRARY_FORMAT,
 * which needs the path that the readers do not know.
 */
export class Damage extends Error {
  override readonly name = 'Damage';

  constructor(
    readonly expected: string,
    readonly found: string,
  ) {
    super(`expected ${expected}, found ${found}`);
  }
}

/** The one shape of "the file is shorter than it says": `expected` and `found` are in bytes. */
export function cutOff(expected: number, found: number): Damage {
  return new Damage(`${expected} bytes`, `${found} bytes: cut off`);
}
