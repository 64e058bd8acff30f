import { wrap } from '../table.js';
import { printable, type Output, type Terminal } from '../terminal.js';
import type { Check, Finding } from './check.js';
import { placeInDocs } from './docs-page.js';
import type { Outcome, Status } from './outcome.js';

const MARKS = { passed: ['green', '✓'], failed: ['red', '✗'], warned: ['yellow', '!'], skipped: ['dim', '-'] } as const;
const INDENT = '    ';
const LABEL_WIDTH = 8;

interface Shown {
  readonly folder: string;
  readonly seed: number;
  /** The folder is that of sources, to be built with sanitizers. */
  readonly sanitize: boolean;
  /** What was given with `--config`. */
  readonly config: string | undefined;
  /** Also shows what passed. */
  readonly verbose: boolean;
}

/** What fails, why it matters, where it is explained, and how to run just that. What passed is one line, or with `verbose` one line each. */
export function printOutcomes({ out, width }: Terminal, outcomes: readonly Outcome[], shown: Shown): void {
  const of = (status: Status): readonly Outcome[] => outcomes.filter((outcome) => outcome.status === status);
  if (shown.verbose) for (const { check, status } of of('passed')) printHead(out, check, status);
  for (const { check, findings } of of('passed')) for (const finding of findings) out.line(`${out.style('dim', '•')} ${printable(finding.message)} ${out.style('dim', `(${check.id})`)}`);
  for (const { check, status, findings } of of('skipped')) {
    printHead(out, check, status);
    for (const { message } of findings) printLabelled(out, width, '', message);
  }
  for (const { check, status, findings } of [...of('warned'), ...of('failed')]) {
    printHead(out, check, status);
    for (const finding of findings) printFinding(out, width, finding);
    printLabelled(out, width, 'breaks', check.breaks);
    printLabelled(out, width, 'docs', placeInDocs(check));
    printLabelled(out, width, 'rerun', commandFor(check, shown));
  }
}

function printHead(out: Output, { id, title, source }: Check, status: Status): void {
  const [colour, mark] = MARKS[status];
  out.line(`${out.style(colour, mark)} ${out.style('bold', id)}  ${title} ${out.style('dim', `(${source})`)}`);
}

function printFinding(out: Output, width: number, { message, details }: Finding): void {
  printLabelled(out, width, '', message);
  for (const line of details?.split('\n') ?? []) out.line(out.style('dim', `${INDENT}  ${printable(line)}`));
}

function printLabelled(out: Output, width: number, label: string, text: string): void {
  const indent = INDENT.length + (label === '' ? 0 : LABEL_WIDTH);
  const lines = wrap(printable(text), Math.max(30, width - indent));
  for (const [index, line] of lines.entries()) {
    const before = index === 0 ? out.style('dim', label.padEnd(indent - INDENT.length)) : ' '.repeat(indent - INDENT.length);
    out.line(`${INDENT}${before}${line}`);
  }
}

function commandFor({ id, kind }: Check, { folder, seed, sanitize, config }: Shown): string {
  const options = [...(sanitize ? ['--sanitize'] : []), '--only', id];
  if (kind === 'dynamic') options.push('--seed', String(seed), ...(config === undefined ? [] : ['--config', quoted(config)]));
  return ['aisopod-plugin validate', quoted(folder), ...options].join(' ');
}

/** As one argument, for a shell. */
function quoted(argument: string): string {
  if (/^[\w@%+=:,./\\-]+$/.test(argument)) return argument;
  return argument.includes('"') ? `'${argument}'` : `"${argument}"`;
}
