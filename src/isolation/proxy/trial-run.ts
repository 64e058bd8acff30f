import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { ioError, messageOf } from '../../errors/index.js';
import { PluginRegistry } from '../../registry/plugin-registry.js';
import { pick } from '../../options/group.js';
import type { SandboxIn } from '../../report/child-sandbox.js';
import { Trace } from '../../report/trace.js';
import type { Candidate } from '../../scan/index.js';
import { removeHeld } from '../../trust/index.js';
import { PROCESS_LOADER_SHAPE, ProcessLoader, type ProcessLoaderOptions } from './process-loader.js';
import { temporaryFolder } from '../../options/folders.js';

/**
 * Returns a function that tries a plugin in its own child: load, register, init with an empty configuration and a temporary
 * data folder, shutdown. The child is not restarted, and the host's `onCrash` and `onGiveUp` are not called. The function
 * rejects with the LoadError or LifecycleError of the first step that failed.
 */
export function trialRun(options: ProcessLoaderOptions): (candidate: Candidate, sandboxIn?: SandboxIn) => Promise<void> {
  const ignore = (): void => undefined;
  const loader = new ProcessLoader({ ...pick(PROCESS_LOADER_SHAPE, options), restart: { most: 0 }, onCrash: ignore, onGiveUp: ignore });
  return async (candidate, sandboxIn) => {
    const { hostVersion, logger } = options;
    const dataDir = await makeTemporaryFolder(candidate);
    const sandbox = sandboxIn?.(dataDir);
    try {
      await sandbox?.prepare();
      const registry = new PluginRegistry({ hostVersion, dataDir, ...(logger !== undefined && { logger }) });
      const plugin = await loader.loadPlugin(candidate, { sandbox, beforeOpen: async () => sandbox?.admit(new Trace()) });
      await registry.register(plugin);
      await registry.init(candidate.id);
      await registry.shutdown(candidate.id);
    } finally {
      await sandbox?.end();
      await removeHeld(dataDir).catch((error: unknown) => {
        logger?.warn(`cannot remove the temporary folder of a trial: ${messageOf(error)}`, { pluginId: candidate.id });
      });
    }
  };
}

/** @throws LoadError ERR_IO */
async function makeTemporaryFolder({ id: pluginId }: Candidate): Promise<string> {
  const parent = temporaryFolder();
  try {
    return await mkdtemp(join(parent, `aisopod-probation-${process.pid}-`));
  } catch (cause) {
    const option = process.platform === 'win32' ? 'TEMP' : 'TMPDIR';
    throw ioError('make a temporary folder for probation', cause, { pluginId, path: parent, step: 'trust' }, { writes: true, option });
  }
}
