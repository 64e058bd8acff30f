import { availableParallelism, totalmem } from 'node:os';
import path from 'node:path';
import { CHECKS } from '../../../../src/cli/validate/checks.js';
import { readContents } from '../../../../src/cli/validate/plugin-contents.js';
import { runChecks } from '../../../../src/cli/validate/run-checks.js';
import { isolatedRunner } from '../../../../src/cli/validate/run-isolated.js';
import { projectRoot } from '../../../support/fixtures.js';

/** A plugin folder with one of the mistakes of native-fixtures/mistakes. */
export const mistake = (name: string): string => path.join(projectRoot, 'build/mistakes', name);

const MAX_MEMORY_BYTES = Math.min(4 * 1024 ** 3, Math.floor(totalmem() / 2));

export interface Options {
  /** The ids of checks, or a kind of them. Default: all checks. */
  readonly only?: readonly string[];
  readonly seed?: number;
  /** Of one check. Default: that of the command. */
  readonly timeoutMs?: number;
}

/**
 * What a validation found: the ids of checks and their messages. Checks that passed are not in it. It is what the command
 * `validate` does, without its start for each, and without the debugger's stacks, which take longer than the checks.
 */
export async function found(folder: string, { only, seed = 1, timeoutMs = 30_000 }: Options = {}): Promise<Readonly<Record<string, readonly string[]>>> {
  const unknown = only?.filter((name) => !CHECKS.some(({ id, kind }) => name === id || name === kind)) ?? [];
  if (unknown.length > 0) throw new Error(`there are no checks ${unknown.join(', ')}`);
  const checks = CHECKS.filter(({ id, kind }) => only === undefined || only.includes(id) || only.includes(kind));
  const runIsolated = isolatedRunner({ seed, timeoutMs, maxMemoryBytes: MAX_MEMORY_BYTES, maxStacks: 0, program: path.join(projectRoot, 'dist/cli/validate/child.js') });
  const outcomes = await runChecks(checks, await readContents(folder), { jobs: availableParallelism(), signal: new AbortController().signal, runIsolated });
  const withFindings = outcomes.filter(({ findings }) => findings.length > 0);
  return Object.fromEntries(withFindings.map(({ check, findings }) => [check.id, findings.map(({ severity, message }) => `${severity}: ${message}`)]));
}

/** Failures and warnings: not what was skipped, or is only worth knowing. */
export function problemsIn(findings: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, readonly string[]>> {
  const entries = Object.entries(findings).map(([id, messages]) => [id, messages.filter((message) => /^(?:error|warning): /.test(message))] as const);
  return Object.fromEntries(entries.filter(([, messages]) => messages.length > 0));
}
