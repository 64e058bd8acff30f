import type { Blame, DeadMan } from './dead-man.js';
import type { Quarantine } from './quarantine.js';

/** Puts the plugins that killed earlier hosts into quarantine, and returns who they were. @throws LoadError ERR_STATE_FOLDER, ERR_IO */
export async function quarantineSurvivors(deadMan: DeadMan, quarantine: Quarantine): Promise<readonly Blame[]> {
  const blames = await deadMan.survivors();
  for (const { key, pluginId, path, step } of blames) {
    const reason = "(the host's own) ended suddenly";
    quarantine.add(key, { pluginId, path, signal: null, exitCode: null, reason, during: step });
  }
  return blames;
}
