import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { LoadError } from '../../src/errors/index.js';
import { silentLogger } from '../../src/log/logger.js';
import { MANIFEST_FILENAME, readManifest } from '../../src/manifest/index.js';
import { Trace } from '../../src/report/trace.js';
import type { Candidate } from '../../src/scan/index.js';
import { admit, readTrustOptions, type Admitted, type TrustOptions } from '../../src/trust/index.js';
import { rejectionOf } from '../manifest/sample.js';
import { libraryFileName, testWhere } from '../support/fixtures.js';

export const onPosix = testWhere(process.geteuid !== undefined, 'Windows has no owners and modes');
export const asRoot = testWhere(process.geteuid?.() === 0, 'only root can give a file to somebody else');
export const onLinux = testWhere(process.platform === 'linux', 'only Linux has /proc');

export const LIBRARY = libraryFileName('weather');

/** A plugin folder whose library is a few words: what trust looks at, nobody opens. */
export async function makePlugin(plugins: string, files: Record<string, string> = {}, id = 'weather'): Promise<Candidate> {
  const folder = path.join(plugins, id);
  const manifest = `[plugin]\nid = "${id}"\nname = "W"\nversion = "1.4.0"\ndescription = "W"\nauthor = "A"\nentry_point = "weather"\n`;
  for (const [name, content] of Object.entries({ [MANIFEST_FILENAME]: manifest, [LIBRARY]: 'code', ...files })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  return candidateIn(folder);
}

export async function candidateIn(folder: string): Promise<Candidate> {
  const manifestPath = path.join(folder, MANIFEST_FILENAME);
  const manifest = await readManifest(manifestPath);
  return { id: manifest.plugin.id, path: folder, manifestPath, manifest };
}

export function admitted(candidate: Candidate, options: TrustOptions = {}, trace = new Trace(), logger = silentLogger): Promise<Admitted> {
  return admit(candidate, readTrustOptions(options), trace, logger);
}

export function refusal(candidate: Candidate, options: TrustOptions = {}, trace = new Trace()): Promise<LoadError> {
  return rejectionOf(admitted(candidate, options, trace));
}
