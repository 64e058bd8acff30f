import { LoadError } from '../../errors/index.js';
import { examine, examineCopy, type ExamineOptions } from '../../loader/examine.js';
import type { LoadRequest } from '../../loader/load-plugin.js';
import { Trace } from '../../report/trace.js';
import type { Candidate, PluginFiles } from '../../scan/index.js';
import type { Triage } from '../../triage/index.js';

/** What was loaded first. */
interface Loaded {
  readonly files: PluginFiles | undefined;
  /** The library in a private copy of the plugin's own, which does not change. */
  readonly copy: string | undefined;
}

/**
 * Checks a plugin's files before they are loaded in a new process.
 * @throws LoadError ERR_PLUGIN_CHANGED if the files have changed: the manifest that was read may not fit them
 */
export async function examineAgain(
  candidate: Candidate,
  { files, copy }: Loaded,
  options: ExamineOptions,
  beforeReopen: LoadRequest['beforeReopen'],
): Promise<Triage> {
  if (copy !== undefined) {
    const facts = await examineCopy(copy, candidate.id);
    await beforeReopen?.(facts);
    return facts;
  }
  // Called after the check, because the files may change at any time.
  const haveChanged = (): boolean => files?.haveChanged === true;
  try {
    const facts = await examine(candidate, options, new Trace());
    await beforeReopen?.(facts);
    if (!haveChanged()) return facts;
  } catch (error) {
    // New files may be incomplete, or need the new manifest. Quarantine is final.
    if (!haveChanged() || (error instanceof LoadError && error.code === 'ERR_QUARANTINED')) throw error;
  }
  const fields = { expected: 'the files that were loaded', found: 'changed files, after its process had ended' };
  throw new LoadError('ERR_PLUGIN_CHANGED', fields, { pluginId: candidate.id, path: candidate.path, step: 'active' });
}
