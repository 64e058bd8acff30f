import { createHash } from 'node:crypto';
import { ABI_VERSION } from '../abi/version.js';
import { LoadError } from '../errors/index.js';
import type { Candidate } from '../scan/index.js';
import { FOLDER_LIMITS } from '../trust/read-folder.js';
import { withIoError } from '../trust/path-safety.js';
import { hashFile, openRegularFile } from '../files/index.js';

const MAX_BYTES = FOLDER_LIMITS.bytes;

/**
 * The key under which crashes are recorded: the SHA-256 of library, manifest, host version and ABI version, as 64 lowercase
 * hexadecimal digits. If one of them changes, the plugin leaves quarantine. `library` is the result of `resolveLibrary`.
 * @throws LoadError ERR_IO, ERR_PLUGIN_FOLDER
 */
export async function pluginKey({ manifestPath }: Candidate, library: string, hostVersion: string): Promise<string> {
  const lines = [
    'aisopod-plugin quarantine 1',
    `library ${await sha256Of(library)}`,
    `manifest ${await sha256Of(manifestPath)}`,
    `host ${hostVersion}`,
    `abi ${ABI_VERSION}`,
  ];
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

function sha256Of(path: string): Promise<string> {
  return withIoError('read the file', path, async () => {
    const { handle, stats } = await openRegularFile(path);
    try {
      // A huge sparse file takes no space on disk, but very long to read.
      if (stats.size > MAX_BYTES) throw new LoadError('ERR_PLUGIN_FOLDER', { expected: `at most ${MAX_BYTES} bytes`, found: `${stats.size}` }, { path });
      return await hashFile(handle, MAX_BYTES);
    } finally {
      await handle.close();
    }
  });
}
