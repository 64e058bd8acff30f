import { WARNING_PREFIX } from '../report/trace.js';
import { pluginFolder } from './candidate-named.js';
import { Exit, RefusedError, SCAN_HELP, SCAN_OPTIONS, flag, operand, text, type Arguments, type CliCommand } from './command.js';
import { messageLines } from './message-lines.js';
import { survey, surveyFolder, withoutError, type PluginSummary } from './survey.js';
import { wrap } from './table.js';
import { printJson, printable, type Output, type Terminal } from './terminal.js';

const MARKS = { passed: ['green', '✓'], refused: ['red', '✗'], noted: ['yellow', '•'] } as const;
const INDENT = ' '.repeat(14);

export const explain: CliCommand = {
  name: 'explain',
  operands: '<id or folder>',
  summary: 'show every check of one plugin, in order, up to the one that fails; runs none of its code',
  options: SCAN_OPTIONS,
  optionHelp: SCAN_HELP,
  examples: ['aisopod-plugin explain weather', 'aisopod-plugin explain ./build/weather --host-version 1.4.0'],
  arity: [1, 1],
  async run(args, terminal) {
    const plugins = await named(operand(args, 0), args);
    if (flag(args, 'json')) printJson(terminal, { plugins: plugins.map(withoutError) });
    else for (const plugin of plugins) print(terminal, plugin);
    return plugins.some(({ state }) => state === 'refused') ? Exit.REFUSED : Exit.DONE;
  },
};

/** The plugin in this folder, or all plugins with this id. Of several, the first wins and the others are refused as duplicates. */
async function named(name: string, args: Arguments): Promise<readonly PluginSummary[]> {
  const folder = await pluginFolder(name);
  if (folder !== undefined) return [await surveyFolder(folder, text(args, 'host-version'))];
  const found = (await survey(args)).filter(({ id }) => id === name);
  if (found.length > 0) return found;
  throw new RefusedError(`no plugin with the id ${name} was found; to list plugins: aisopod-plugin list`);
}

function print({ out, width }: Terminal, { path, trace, state, error }: PluginSummary): void {
  out.line(out.style('bold', printable(path)));
  const below = (text: string): string[] => (text === '' ? [] : wrap(printable(text), width - INDENT.length));
  for (const { step, check, decision, expected, found, code, hint } of trace) {
    const [colour, mark] = MARKS[decision];
    const ending = code === undefined ? '' : `  ${out.style(colour, code)}`;
    out.line(`  ${out.style(colour, mark)} ${step.padEnd(9)} ${check}${ending}`);
    const finding = [expected && `expected ${expected}`, found && `found ${found}`].filter(Boolean).join(', ');
    const isRefusal = decision === 'refused' && error !== null && expected === undefined;
    const what = isRefusal ? messageLines(error) : [decision === 'noted' ? (found ?? '') : finding];
    for (const line of what.flatMap(below)) out.line(out.style('dim', `${INDENT}${line}`));
    for (const line of below(hint === undefined ? '' : `→ ${hint}`)) out.line(`${INDENT}${line}`);
  }
  printVerdict(out, state, trace);
}

function printVerdict(out: Output, state: PluginSummary['state'], trace: PluginSummary['trace']): void {
  if (state === 'refused') {
    const { step = '', code = '' } = trace.at(-1) ?? {};
    out.line(out.style('red', `  refused at ${step}: ${code}; it would not be loaded`));
    return;
  }
  const hasWarnings = trace.some(({ check }) => check.startsWith(WARNING_PREFIX));
  out.line(out.style('green', `  all checks passed${hasWarnings ? '; see the warnings above' : ''}`));
}
