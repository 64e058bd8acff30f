import { statSync } from 'node:fs';

/** Identifies a file and its present content without reading it. */
export interface FileStamp {
  /** Device and inode. */
  readonly file: string;
  /** Size and times. Every write changes it; nothing can set the ctime back. */
  readonly version: string;
}

/** `undefined` if there is no such file, or it cannot be looked at. Links are followed. */
export function fileStamp(path: string): FileStamp | undefined {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return { file: `${dev}:${ino}`, version: `${size}:${mtimeNs}:${ctimeNs}` };
  } catch {
    return undefined;
  }
}

export const isSameStamp = (a: FileStamp | undefined, b: FileStamp | undefined): boolean => a?.file === b?.file && a?.version === b?.version;
