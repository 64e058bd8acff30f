import type { Check, Finding } from './check.js';

export type Status = 'passed' | 'failed' | 'warned' | 'skipped';

/** The result of one check of one plugin. */
export interface Outcome {
  readonly check: Check;
  readonly status: Status;
  readonly findings: readonly Finding[];
  readonly durationMs: number;
}

export function outcomeOf(check: Check, findings: readonly Finding[], durationMs: number): Outcome {
  return { check, status: statusOf(findings), findings, durationMs };
}

function statusOf(findings: readonly Finding[]): Status {
  if (findings.some(({ severity }) => severity === 'error')) return 'failed';
  if (findings.some(({ severity }) => severity === 'warning')) return 'warned';
  return findings.some(({ severity }) => severity === 'skipped') ? 'skipped' : 'passed';
}

export type Counts = Readonly<Record<Status, number>>;

export function countsOf(outcomes: readonly Outcome[]): Counts {
  const counts = { passed: 0, failed: 0, warned: 0, skipped: 0 };
  for (const { status } of outcomes) counts[status] += 1;
  return counts;
}
