import { PluginError } from '../errors/index.js';
import { configReader } from '../host/plugin-config.js';
import { describeSupport } from '../host/sandbox/support.js';
import { sandboxSupport } from '../isolation/sandbox/probe.js';
import { examine } from '../loader/examine.js';
import { Trace, type TraceEntry } from '../report/trace.js';
import type { Candidate } from '../scan/index.js';
import { candidateAt, scan } from './candidate-named.js';
import { text, type Arguments } from './command.js';
import { permissionLines } from './permission-lines.js';

/** The state of a plugin, determined without running its code. */
export interface PluginSummary {
  readonly id: string | null;
  readonly path: string;
  readonly version: string | null;
  readonly state: 'discovered' | 'refused';
  readonly code: string | null;
  readonly step: string;
  readonly hint: string | null;
  readonly message: string | null;
  readonly trace: readonly TraceEntry[];
  readonly error: PluginError | null;
}

/** What JSON output has of it. */
export function withoutError({ id, path, version, state, code, step, hint, message, trace }: PluginSummary): Omit<PluginSummary, 'error'> {
  return { id, path, version, state, code, step, hint, message, trace };
}

/** Scans the folders given by the arguments and checks every plugin in them. */
export async function survey(args: Arguments): Promise<readonly PluginSummary[]> {
  const { candidates, refused } = await scan(args);
  const checked = await Promise.all(candidates.map((candidate) => check(candidate, text(args, 'host-version'))));
  return [...checked, ...refused.map(({ id, path, error }) => refusal(id ?? null, path, error))];
}

/** Checks the plugin in one folder. */
export async function surveyFolder(path: string, hostVersion: string | undefined): Promise<PluginSummary> {
  try {
    return await check(await candidateAt(path, hostVersion), hostVersion);
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return refusal(error.pluginId ?? null, path, error);
  }
}

async function check(candidate: Candidate, hostVersion: string | undefined): Promise<PluginSummary> {
  const { id, path, manifest } = candidate;
  const trace = new Trace();
  const common = { id, path, version: manifest.plugin.version };
  try {
    await trace.check('manifest', 'configuration schema', () => configReader(candidate));
    await examine(candidate, { hostVersion }, trace);
    noteSandbox(candidate, trace);
    return { ...common, state: 'discovered', code: null, step: 'triage', hint: null, message: null, trace: trace.entries, error: null };
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    const { code, step, hint, message } = error;
    return { ...common, state: 'refused', code, step, hint, message, trace: trace.entries, error };
  }
}

/** The host decides what it grants. */
function noteSandbox({ manifest }: Candidate, trace: Trace): void {
  trace.note('trust', 'permissions that it asks for', permissionLines(manifest.permissions).join('; '));
  trace.note('trust', 'sandbox for a plugin in a child process', describeSupport(sandboxSupport()));
}

function refusal(id: string | null, path: string, error: PluginError): PluginSummary {
  const { code, step, hint, message } = error;
  const trace = new Trace();
  trace.refuse(step, step === 'scan' ? 'scan' : 'manifest', error);
  return { id, path, version: null, state: 'refused', code, step, hint, message, trace: trace.entries, error };
}
