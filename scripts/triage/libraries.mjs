import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARY = /\.(so(\.[\w.]+)?|node|dll|dylib)$/;
const NO_FILES = new Set(['/proc', '/sys', '/dev', '/run']);

/** The paths of all libraries in a folder, judged by their names. `seen` has the files that are left out, as `device:inode`. */
export function* libraries(folder, seen) {
  let entries = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    // Skip folders that cannot be listed.
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !NO_FILES.has(path)) yield* libraries(path, seen);
    if (!entry.isFile() || !LIBRARY.test(entry.name)) continue;
    const { dev, ino } = lstatSync(path);
    if (seen.has(`${dev}:${ino}`)) continue;
    seen.add(`${dev}:${ino}`);
    yield path;
  }
}
