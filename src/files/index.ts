/** How a file that a stranger may have written is opened and read: without waiting, without end, without surprises. */
export { hashFile } from './hash-file.js';
export { NotRegularFileError, openRegularFile, type OpenedFile, type OpenFileOptions } from './open-regular-file.js';
export { FileTooLargeError, readAll, readBounded } from './read-bounded.js';
