import { printLine, printable, type Terminal } from './terminal.js';

/** Text cut at spaces into lines of at most `width`; a longer word has a line of its own. */
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

/** Columns padded to their longest cell, the head in bold. Cells are a stranger's words: made printable. */
export function printTable(terminal: Terminal, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const cells = [head, ...rows.map((row) => row.map(printable))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  cells.forEach((row, index) => {
    const line = row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd();
    printLine(terminal.out, index === 0 ? terminal.style('bold', line) : line);
  });
}

/** `name  text`, the text wrapped beside its name. */
export function printField(terminal: Terminal, name: string, value: string): void {
  const indent = 12;
  const [first = '', ...rest] = wrap(printable(value), Math.max(20, terminal.width - indent));
  printLine(terminal.out, `${terminal.style('dim', name.padEnd(indent))}${first}`);
  for (const line of rest) printLine(terminal.out, `${' '.repeat(indent)}${line}`);
}

export const printJson = (terminal: Terminal, value: unknown): void => printLine(terminal.out, JSON.stringify(value, undefined, 2));
