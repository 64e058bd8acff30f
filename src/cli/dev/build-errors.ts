/** An error in the output of a build. */
export interface BuildError {
  /** As the tool named it: a path, a line and usually a column. */
  readonly place: string;
  readonly message: string;
}

/** What the tools print for an error. Groups: file, line, column, message; the first format that is found counts. */
const FORMATS: readonly RegExp[] = [
  // gcc, clang, zig
  /^(?<file>(?:[A-Za-z]:)?[^\s:][^:\n]*):(?<line>\d+):(?:(?<column>\d+):)? (?:fatal )?error: (?<message>.+)$/m,
  // Visual Studio
  /^(?<file>(?:[A-Za-z]:)?[^:\n(]+)\((?<line>\d+)(?:,(?<column>\d+))?\): (?:fatal )?error (?<message>[A-Z]+\d+: .+?)(?: \[[^\]]*\])?$/m,
  // rustc
  /^error(?:\[E\d+\])?: (?<message>.+)\n +--> (?<file>.+):(?<line>\d+):(?<column>\d+)$/m,
  // CMake
  /^CMake Error at (?<file>.+):(?<line>\d+) \(.*\):\n\s+(?<message>.+)$/m,
  // go
  /^(?<file>(?:[A-Za-z]:)?[^\s:][^:\n]*\.go):(?<line>\d+):(?<column>\d+): (?<message>.+)$/m,
  // a linker
  /^(?:.*\/)?(?:ld|lld|collect2)[^:\n]*: (?<file>[^\s:][^:\n]*):(?<line>\d+): (?<message>.+)$/m,
];

/** The first error of a build that failed, if its format is known. */
export function firstError(output: string): BuildError | undefined {
  const text = output.replaceAll('\r\n', '\n');
  for (const format of FORMATS) {
    const { file, line, column, message } = format.exec(text)?.groups ?? {};
    if (file === undefined || line === undefined || message === undefined) continue;
    return { place: callerIn(text) ?? [file, line, ...(column === undefined ? [] : [column])].join(':'), message };
  }
  return undefined;
}

/** CMake: the line of the project, if the error is in a function that it calls. */
function callerIn(text: string): string | undefined {
  const [, stack = ''] = /^CMake Error at .*\n(?:(?!CMake Error)(?!Call Stack).*\n)*Call Stack .*:\n((?: {2}\S.*:\d+ \(.*\)\n)+)/m.exec(text) ?? [];
  return /^ {2}(\S.*:\d+) \(/.exec(stack.trimEnd().split('\n').at(-1) ?? '')?.[1];
}

const MAX_LINES = 12;

/** The lines to show for a build that failed: the first error, then what the tool printed about it. */
export function buildFailure(output: string): readonly string[] {
  const error = firstError(output);
  const [first = '', ...rest] = excerptOf(output, error);
  if (error === undefined) return [first, ...rest];
  return [`${error.place}: ${error.message}`, ...(first.includes(error.message) ? rest : [first, ...rest])];
}

/** The part of the output that people need: the lines from the first error on, or else the last lines. */
function excerptOf(output: string, error: BuildError | undefined): readonly string[] {
  const lines = output.replaceAll('\r\n', '\n').split('\n').filter((line) => line.trim() !== '');
  const start = error === undefined ? -1 : lines.findIndex((line) => line.includes(error.message));
  return start === -1 ? lines.slice(-MAX_LINES) : lines.slice(start, start + MAX_LINES);
}
