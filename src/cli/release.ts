import { DEFAULT_STATE_DIR, Quarantine, type QuarantineEntry } from '../quarantine/index.js';
import { Exit, JSON_HELP, JSON_OPTION, RefusedError, flag, operand, text, type CliCommand } from './command.js';
import { requireHome } from './require-home.js';
import { printTable } from './table.js';
import { printJson } from './terminal.js';

export const release: CliCommand = {
  name: 'release',
  operands: '<id>',
  summary: 'release a plugin that was quarantined after crashes',
  options: { ...JSON_OPTION, 'state-dir': { type: 'string' } },
  optionHelp: [['--state-dir FOLDER', `the host's state folder (default: ${DEFAULT_STATE_DIR})`], JSON_HELP],
  examples: ['aisopod-plugin release weather', 'aisopod-plugin release weather --state-dir ./state'],
  arity: [1, 1],
  async run(args, terminal) {
    const [id, stateDir] = [operand(args, 0), text(args, 'state-dir')];
    if (stateDir === undefined) requireHome('--state-dir');
    const released = await new Quarantine({ stateDir }).release(id);
    if (released.length === 0) throw new RefusedError(`plugin ${id} is not in quarantine in ${stateDir ?? DEFAULT_STATE_DIR}`);
    if (flag(args, 'json')) printJson(terminal, { released });
    else printTable(terminal, ['released', 'crash', 'during', 'count', 'last', 'path'], released.map(rowOf));
    return Exit.DONE;
  },
};

const rowOf = ({ pluginId, reason, during, count, last, path }: QuarantineEntry): string[] => [
  pluginId,
  reason,
  during,
  String(count),
  new Date(last).toISOString(),
  path,
];
