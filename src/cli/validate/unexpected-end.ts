import { error, type Finding } from './check.js';

/** How the process of a check ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The limit that it exceeded, if that is why it was killed. */
  readonly killedFor: 'time' | 'memory' | undefined;
  /** What it was doing when its time was over. */
  readonly step: string | undefined;
  readonly output: string;
  /** What it was doing when it crashed, or when its time was over. */
  readonly stack: string | undefined;
}

const MAX_OUTPUT_LENGTH = 4096;
const MAX_REPORT_LINES = 40;
/** The last line of a report that is about the code: what follows is memory. */
const SUMMARY = /^SUMMARY: \w+Sanitizer: (.*)$/m;
/** Frames of Node, koffi and the gate say nothing about the plugin. */
const OF_NODE = /^\s+#\d+ .*(?:koffi\.node\+|libgate\.so\+|\bnode::|[(/]node\+0x|\/deps\/uv\/)/;
/** How the reports of AddressSanitizer, ThreadSanitizer and UndefinedBehaviorSanitizer begin. */
const REPORT = /^.*(?:(?:ERROR|WARNING): \w+Sanitizer: |runtime error: )(.*)$/m;

export interface ProcessLimits {
  readonly timeoutMs: number;
  readonly maxMemoryBytes: number;
}

const MIB = 1024 * 1024;

/** For a process that did not get to the end of its check. `step` is the last thing that it began to do. */
export function unexpectedEnd(end: End, limits: ProcessLimits, step: string | undefined): Finding {
  const { output, stack } = end;
  const during = step === undefined ? 'before its first step' : `during: ${step}`;
  const report = REPORT.exec(output);
  const parts = [stack === undefined ? '' : `stack:\n${stack}`, report === null ? outputPart(output) : reportPart(output.slice(report.index))];
  const details = parts.filter((part) => part !== '').join('\n');
  if (report !== null) return error(`A sanitizer found: ${titleOf(report, output)}, ${during}.`, details);
  return error(`${whatHappened(end, limits)}, ${during}.`, details === '' ? undefined : details);
}

function whatHappened({ code, signal, killedFor }: End, { timeoutMs, maxMemoryBytes }: ProcessLimits): string {
  if (killedFor === 'time') return `The plugin did not return within ${timeoutMs} ms`;
  if (killedFor === 'memory') return `The plugin process took more than ${Math.round(maxMemoryBytes / MIB)} MiB of memory`;
  return signal === null ? `The plugin ended its process with exit code ${code ?? 'unknown'}` : `The plugin process crashed (${signal})`;
}

/** Of undefined behaviour the summary only says that it is some. */
function titleOf([line, title = '']: RegExpExecArray, output: string): string {
  return (line.includes('runtime error: ') ? undefined : SUMMARY.exec(output)?.[1]) ?? title;
}

const outputPart = (output: string): string => (output === '' ? '' : `output:\n${output.slice(-MAX_OUTPUT_LENGTH)}`);

export function reportPart(report: string): string {
  const summary = SUMMARY.exec(report);
  const text = summary === null ? report : report.slice(0, summary.index);
  const lines = text.split('\n').filter((line) => !OF_NODE.test(line));
  return lines.slice(0, MAX_REPORT_LINES).join('\n').trimEnd();
}
