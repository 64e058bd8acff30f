import type { CrashMarkers, InterruptedStep } from './crash-markers.js';
import type { Quarantine } from './quarantine.js';

/**
 * Quarantines the plugins that crashed earlier hosts, and returns every interrupted step. If the machine ran out of memory or
 * threads during the step, the plugin is not blamed: the kernel may have killed the host. @throws LoadError ERR_STATE_FOLDER, ERR_IO
 */
export async function quarantineInterrupted(markers: CrashMarkers, quarantine: Quarantine): Promise<readonly InterruptedStep[]> {
  const interrupted = await markers.takeInterrupted();
  for (const { key, pluginId, path, step, shortage } of interrupted) {
    if (shortage !== undefined) continue;
    const reason = "(the host's own) ended suddenly";
    quarantine.add(key, { pluginId, path, signal: null, exitCode: null, reason, during: step });
  }
  return interrupted;
}
