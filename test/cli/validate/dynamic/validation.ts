import path from 'node:path';
import { projectRoot } from '../../../support/fixtures.js';
import { cliJson } from '../../cli.js';

/** A plugin folder with one of the mistakes of native-fixtures/mistakes. */
export const mistake = (name: string): string => path.join(projectRoot, 'build/mistakes', name);

interface Found {
  readonly checks: readonly { readonly id: string; readonly status: string; readonly findings: readonly { readonly severity: string; readonly message: string }[] }[];
}

/** What a validation found: the ids of checks and their messages. Checks that passed are not in it. */
export async function found(folder: string, ...args: readonly string[]): Promise<Readonly<Record<string, readonly string[]>>> {
  const { json } = await cliJson(['validate', folder, ...args]);
  const failed = (json as Found).checks.filter(({ findings }) => findings.length > 0);
  return Object.fromEntries(failed.map(({ id, findings }) => [id, findings.map(({ severity, message }) => `${severity}: ${message}`)]));
}

/** Failures and warnings: not what was skipped, or is only worth knowing. */
export function problemsIn(findings: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, readonly string[]>> {
  const entries = Object.entries(findings).map(([id, messages]) => [id, messages.filter((message) => /^(?:error|warning): /.test(message))] as const);
  return Object.fromEntries(entries.filter(([, messages]) => messages.length > 0));
}
