/** Opening and reading untrusted files: never blocking, never unbounded, never a device. */
export { hashFile } from './hash-file.js';
export { NotRegularFileError, openRegularFile, type OpenedFile, type OpenFileOptions } from './open-regular-file.js';
export { packageRoot, packageVersion } from './package-root.js';
export { FileTooLargeError, readAll, readBounded } from './read-bounded.js';
export { readMany, type FolderReply } from './read-many.js';
