import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

const FILE = process.platform === 'win32' ? 'node.exe' : 'node';

/**
 * The programs called node in the folders of PATH, in order. Relative and empty entries are skipped: they mean the current
 * folder, which may be untrusted.
 */
export function nodesOnPath(path: string = process.env.PATH ?? ''): string[] {
  const folders = [...new Set(path.split(delimiter))].filter(isAbsolute);
  return folders.map((folder) => join(folder, FILE)).filter(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
