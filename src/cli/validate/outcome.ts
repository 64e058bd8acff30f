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

/** The outcomes of several runs of the same checks as those of one: what two runs say alike is said once. */
export function combined([first = [], ...more]: readonly (readonly Outcome[])[]): readonly Outcome[] {
  if (more.length === 0) return first;
  return first.map(({ check, findings, durationMs }) => {
    const others = more.flatMap((outcomes) => outcomes.filter((other) => other.check === check));
    const all = [findings, ...others.map((other) => other.findings)].flat();
    const distinct = [...new Map(all.map((finding) => [finding.message, finding])).values()];
    return outcomeOf(check, distinct, others.reduce((sum, other) => sum + other.durationMs, durationMs));
  });
}

export type Counts = Readonly<Record<Status, number>>;

export function countsOf(outcomes: readonly Outcome[]): Counts {
  const counts = { passed: 0, failed: 0, warned: 0, skipped: 0 };
  for (const { status } of outcomes) counts[status] += 1;
  return counts;
}
