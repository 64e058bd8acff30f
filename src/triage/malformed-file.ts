/** Thrown by the readers, which do not know the file's path. `triage` turns it into ERR_LIBRARY_FORMAT. */
export class MalformedFileError extends Error {
  override readonly name = 'MalformedFileError';

  constructor(
    readonly expected: string,
    readonly found: string,
  ) {
    super(`expected ${expected}, found ${found}`);
  }
}

/** The file is shorter than its headers say. `expected` and `found` are in bytes. */
export function truncatedFile(expected: number, found: number): MalformedFileError {
  return new MalformedFileError(`${expected} bytes`, `${found} bytes (truncated)`);
}
