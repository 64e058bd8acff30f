import { statSync } from 'node:fs';

/** Identifies a file and its content without reading it. */
export interface FileStamp {
  /** Device and inode. */
  readonly file: string;
  /** Size and modification time. A program can set the latter. */
  readonly content: string;
  /** The ctime, which no program can set. */
  readonly changed: string;
}

/** `undefined` if the file does not exist or stat fails. Follows links. */
export function fileStamp(path: string): FileStamp | undefined {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return { file: `${dev}:${ino}`, content: `${size}:${mtimeNs}`, changed: String(ctimeNs) };
  } catch {
    return undefined;
  }
}

/** Whether it is the same file, unchanged. */
export const isSameStamp = (a: FileStamp | undefined, b: FileStamp | undefined): boolean =>
  a?.file === b?.file && a?.content === b?.content && a?.changed === b?.changed;
