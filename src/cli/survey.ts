import type { PluginError } from '../errors/index.js';
import { examine } from '../loader/examine.js';
import { Trace, type TraceEntry } from '../report/trace.js';
import { defaultPluginDirs, discover, type Candidate } from '../scan/index.js';
import { text, texts, type Arguments } from './command.js';

/** What can be said of a plugin without running any of it. */
export interface Surveyed {
  readonly id: string | null;
  readonly path: string;
  readonly state: 'discovered' | 'refused';
  readonly code: string | null;
  readonly step: string;
  readonly hint: string | null;
  readonly message: string | null;
  readonly candidate: Candidate | undefined;
  readonly trace: readonly TraceEntry[];
}

/** Scans the folders that the arguments name and judges every plugin in them, cold. */
export async function survey(args: Arguments): Promise<readonly Surveyed[]> {
  const hostVersion = text(args, 'host-version');
  const pluginDirs = texts(args, 'dir') ?? defaultPluginDirs();
  const { candidates, refused } = await discover({ pluginDirs, ...(hostVersion !== undefined && { hostVersion }) });
  const judged = await Promise.all(candidates.map((candidate) => judge(candidate, hostVersion)));
  return [...judged, ...refused.map(({ id, path, error }) => refusal(id, path, error))];
}

async function judge(candidate: Candidate, hostVersion: string | undefined): Promise<Surveyed> {
  const { id, path } = candidate;
  const trace = new Trace();
  // A refusal is in the trace.
  await examine(candidate, { hostVersion }, trace).catch(() => undefined);
  const last = trace.entries.find((entry) => entry.decision === 'refused');
  return {
    id,
    path,
    state: last === undefined ? 'discovered' : 'refused',
    code: last?.code ?? null,
    step: last?.step ?? 'triage',
    hint: last?.hint ?? null,
    message: last === undefined ? null : foundIn(last),
    candidate,
    trace: trace.entries,
  };
}

const foundIn = ({ check, expected, found }: TraceEntry): string =>
  `${check}: ${expected === undefined ? '' : `expected ${expected}, `}found ${found ?? 'nothing'}`;

function refusal(id: string | undefined, path: string, error: PluginError): Surveyed {
  const { code, step, hint, message } = error;
  const entry: TraceEntry = { step, check: 'the scan', decision: 'refused', found: message, code, hint, durationMs: 0 };
  return { id: id ?? null, path, state: 'refused', code, step, hint, message, candidate: undefined, trace: [entry] };
}

/** The one plugin that `name` means: an id, or the path of a plugin folder. */
export const matches = (plugin: Surveyed, name: string, absolute: string): boolean => plugin.id === name || plugin.path === absolute;
