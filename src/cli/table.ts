import { printable, type Terminal } from './terminal.js';

/** Breaks text at spaces into lines of at most `width`; a longer word gets its own line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Prints padded columns under a bold head. Cells may be untrusted text and are made printable. */
export function printTable({ out }: Terminal, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const cells = [head, ...rows.map((row) => row.map(printable))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  cells.forEach((row, index) => {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd();
    out.line(index === 0 ? out.style('bold', line) : line);
  });
}

const NAME_WIDTH = 12;

/** Prints `mark`, `name` and the wrapped text beside it; the text of a long name starts on the next line. */
export function printField({ out, width }: Terminal, name: string, value: string, mark = ''): void {
  const label = printable(name);
  const lines = wrap(printable(value), Math.max(20, width - NAME_WIDTH - 2));
  const beside = label.length < NAME_WIDTH ? lines.shift() : undefined;
  out.line(`${mark}${out.style('dim', label.padEnd(NAME_WIDTH))}${beside ?? ''}`);
  for (const line of lines) out.line(`${' '.repeat(NAME_WIDTH)}${line}`);
}
