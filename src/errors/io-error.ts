import { messageOf } from './message-of.js';
import { permissionAdvice } from './permission-advice.js';
import { LoadError, type ErrorContext } from './plugin-error.js';
import { systemCode } from './system-code.js';

/** How a file was used. */
export interface FileUse {
  /** True if the file was being written or created. Default false: it was being read. */
  readonly writes?: boolean;
  /** The host's option that names the folder: `dataDir`. */
  readonly option?: string;
}

/** An ERR_IO for an error of the operating system, with advice for its code. */
export function ioError(operation: string, cause: unknown, context: ErrorContext, use: FileUse = {}): LoadError<'ERR_IO'> {
  const fields = { operation, reason: messageOf(cause), advice: adviceFor(cause, use) };
  return new LoadError('ERR_IO', fields, { ...context, cause });
}

/** What to do if the operating system, or Node's permission model, refuses to read or write a file. */
export const adviceFor = (cause: unknown, use?: FileUse): string => permissionAdvice(cause) ?? ioAdvice(systemCode(cause), use);

/** What to do if the operating system refuses to read or write a file, by its error code. */
export function ioAdvice(code: string | undefined, { writes = false, option }: FileUse = {}): string {
  const elsewhere = option === undefined ? '' : `, or set ${option} to another folder`;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `The file system is full (df -h, df -i), or the quota is used up (EDQUOT). Free some space${elsewhere}.`;
    case 'EROFS':
      return `The file system is read-only. Mount it writable${elsewhere}.`;
    case 'EMFILE':
    case 'ENFILE':
      return 'Too many files are open. Raise the limit (ulimit -n), or close some.';
    case 'EIO':
      return `The disk or its file system reported an error. See the system's log${elsewhere}.`;
    case 'ENOENT':
      // Node's recursive mkdir also reports ENOENT for a folder in a read-only file system.
      return writes ? `Check that the parent folder exists, and that the file system is not read-only and has free inodes (df -i)${elsewhere}.` : 'Check that the path exists.';
    case 'ELOOP':
      return 'Correct the symbolic link, which points back to itself.';
    case 'ENOTDIR':
    case 'EEXIST':
      return writes ? `A file exists where a folder is needed: move it${elsewhere}.` : 'Check the path: one of its folders is a file.';
    case undefined:
    default:
      return writes ? `Check that this user may write there${elsewhere}.` : 'Check that the path exists and that this user may read it.';
  }
}
