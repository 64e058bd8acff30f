import { messageOf } from './message-of.js';
import { LoadError, type ErrorContext } from './plugin-error.js';
import { systemCode } from './system-code.js';

/** What was done with a file. */
export interface FileUse {
  /** It was written or made; default: read. */
  readonly writes?: boolean;
  /** The host's option that names the folder: `dataDir`. */
  readonly option?: string;
}

/** ERR_IO for what the operating system said, with advice on its code. */
export function ioError(operation: string, cause: unknown, context: ErrorContext, use: FileUse = {}): LoadError<'ERR_IO'> {
  const fields = { operation, reason: messageOf(cause), advice: ioAdvice(systemCode(cause), use) };
  return new LoadError('ERR_IO', fields, { ...context, cause });
}

/** What to do when the system refuses to read or write a file, by the system's code. */
export function ioAdvice(code: string | undefined, { writes = false, option }: FileUse = {}): string {
  const elsewhere = option === undefined ? '' : `, or set ${option} to another folder`;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `The file system has no room for more (df -h, df -i; EDQUOT: the quota is used up). Free some space${elsewhere}.`;
    case 'EROFS':
      return `The file system is read-only. Mount it so that it can be written${elsewhere}.`;
    case 'EMFILE':
    case 'ENFILE':
      return 'Too many files are open. Raise the limit (ulimit -n), or close some.';
    case 'EIO':
      return `The disk or its file system reported an error. See the system's log${elsewhere}.`;
    case 'ENOENT':
      // For a folder in a read-only file system, Node's recursive mkdir says this too.
      return writes ? `Check that the folder above it exists, and that the file system is not read-only and has room for another file (df -i)${elsewhere}.` : 'Check that the path exists.';
    case 'ENOTDIR':
    case 'EEXIST':
      return writes ? `A file is in the way: move it${elsewhere}.` : 'Check the path: a part of it is a file, not a folder.';
    case undefined:
    default:
      return writes ? `Check that this user may write there${elsewhere}.` : 'Check that the path exists and that this user may read it.';
  }
}
