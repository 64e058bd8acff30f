import { packageVersion } from '../../files/index.js';
import { countsOf, type Outcome } from './outcome.js';
import type { PluginContents } from './plugin-contents.js';

/** One line, for a README: what was checked, where, and the result. */
export function summaryLine({ manifest }: PluginContents, outcomes: readonly Outcome[], seed: number): string {
  const { passed, failed, warned, skipped } = countsOf(outcomes);
  const plugin = manifest === undefined ? '' : `${manifest.plugin.id} ${manifest.plugin.version}: `;
  const counts = `${passed} passed, ${failed} failed, ${warned} with warnings, ${skipped} skipped`;
  return `${plugin}${counts} (aisopod-plugin ${packageVersion() ?? ''} validate, ${process.platform}-${process.arch}, seed ${seed})`;
}
