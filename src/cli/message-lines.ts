import { LoadError, type PluginError, manifestLine } from '../errors/index.js';

/** What went wrong, one line for each problem of a manifest. */
export function messageLines(error: PluginError): readonly string[] {
  if (!(error instanceof LoadError) || error.code !== 'ERR_MANIFEST' || error.problems.length < 2) return [error.message];
  return [`${error.path ?? 'the manifest'} has ${error.problems.length} problems:`, ...error.problems.map((problem) => `  ${manifestLine(problem)}`)];
}
