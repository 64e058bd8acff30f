import { Exit, SCAN_HELP, SCAN_OPTIONS, flag, type CliCommand } from './command.js';
import { messageLines } from './message-lines.js';
import { printNoPlugins } from './selection.js';
import { survey } from './survey.js';
import { printField, printTable } from './table.js';
import { printJson } from './terminal.js';

export const list: CliCommand = {
  name: 'list',
  operands: '',
  summary: 'list plugins and why any cannot load; runs none of their code',
  options: SCAN_OPTIONS,
  optionHelp: SCAN_HELP,
  examples: ['aisopod-plugin list', 'aisopod-plugin list --dir ./plugins --host-version 1.4.0 --json'],
  arity: [0, 0],
  async run(args, terminal) {
    const plugins = await survey(args);
    if (flag(args, 'json')) {
      const rows = plugins.map(({ id, path, state, code, step, hint }) => ({ id, path, state, code, step, hint }));
      printJson(terminal, { plugins: rows });
      return Exit.DONE;
    }
    if (plugins.length === 0) {
      printNoPlugins(terminal, args);
      return Exit.DONE;
    }
    const rows = plugins.map(({ id, version, state, code, path }) => [id ?? '?', version ?? '', state, code ?? '', path]);
    printTable(terminal, ['id', 'version', 'state', 'code', 'path'], rows);
    for (const { id, path, error, hint } of plugins) {
      if (error === null) continue;
      terminal.out.line();
      messageLines(error).forEach((line, i) => printField(terminal, i === 0 ? (id ?? path) : '', line));
      printField(terminal, '', hint ?? '');
    }
    return Exit.DONE;
  },
};
