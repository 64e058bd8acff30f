import { statSync } from 'node:fs';

/** Identifies a file and its present content without reading it. */
export interface FileStamp {
  /** Device and inode. */
  readonly file: string;
  /** Size and modification time, which a program can set. */
  readonly content: string;
  /** The ctime, which nothing can set back. */
  readonly changed: string;
}

/** `undefined` if there is no such file, or it cannot be looked at. Links are followed. */
export function fileStamp(path: string): FileStamp | undefined {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return { file: `${dev}:${ino}`, content: `${size}:${mtimeNs}`, changed: String(ctimeNs) };
  } catch {
    return undefined;
  }
}

/** Whether the file is the same one and nobody has touched it. */
export const isSameStamp = (a: FileStamp | undefined, b: FileStamp | undefined): boolean =>
  a?.file === b?.file && a?.content === b?.content && a?.changed === b?.changed;
