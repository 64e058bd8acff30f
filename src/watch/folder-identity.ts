import { stat } from 'node:fs/promises';

/** Tells a folder from another one that was put in its place. `undefined`: there is no folder at this path. */
export async function folderIdentity(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path, { bigint: true });
    // The number of a removed folder may be used again at once, so the time of birth counts too.
    return found.isDirectory() ? `${found.dev}:${found.ino}:${found.birthtimeNs}` : undefined;
  } catch {
    return undefined;
  }
}
