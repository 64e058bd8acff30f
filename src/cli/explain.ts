import { resolve } from 'node:path';
import type { TraceEntry } from '../report/trace.js';
import { Exit, SCAN_HELP, SCAN_OPTIONS, flag, operand, type Command } from './command.js';
import { matches, survey } from './survey.js';
import { printJson, wrap } from './table.js';
import { printLine, printable, type Terminal } from './terminal.js';

const MARKS = { passed: ['green', '✓'], refused: ['red', '✗'], noted: ['yellow', '•'] } as const;

export const explain: Command = {
  name: 'explain',
  operands: '<id or folder>',
  summary: 'every check on the way of one plugin, in order, up to what refuses it; runs none of its code',
  options: SCAN_OPTIONS,
  optionHelp: SCAN_HELP,
  examples: ['aisopod-plugin explain weather', 'aisopod-plugin explain ./plugins/weather --dir ./plugins'],
  arity: [1, 1],
  async run(args, terminal) {
    const name = operand(args, 0);
    const found = (await survey(args)).filter((plugin) => matches(plugin, name, resolve(name)));
    if (found.length === 0) {
      printLine(terminal.err, `no plugin ${name} in the plugin folders; see: aisopod-plugin list`);
      return Exit.REFUSED;
    }
    if (flag(args, 'json')) {
      printJson(terminal, { plugins: found.map(({ candidate, ...plain }) => ({ ...plain, version: candidate?.manifest.plugin.version ?? null })) });
    } else for (const plugin of found) print(terminal, plugin.path, plugin.trace);
    return found.some((plugin) => plugin.state === 'refused') ? Exit.REFUSED : Exit.DONE;
  },
};

function print(terminal: Terminal, path: string, trace: readonly TraceEntry[]): void {
  printLine(terminal.out, terminal.style('bold', printable(path)));
  for (const { step, check, decision, expected, found, code, hint } of trace) {
    const [colour, mark] = MARKS[decision];
    const what = [expected && `expected ${expected}`, found && `found ${found}`].filter(Boolean).join(', ');
    printLine(terminal.out, `  ${terminal.style(colour, mark)} ${step.padEnd(9)} ${check}${code === undefined ? '' : `  ${terminal.style(colour, code)}`}`);
    for (const line of wrap(printable(what), terminal.width - 16)) printLine(terminal.out, terminal.style('dim', `${' '.repeat(14)}${line}`));
    if (hint !== undefined) for (const line of wrap(`→ ${hint}`, terminal.width - 16)) printLine(terminal.out, `${' '.repeat(14)}${line}`);
  }
}
