import { dirname, join } from 'node:path';
import { Exit, JSON_HELP, JSON_OPTION, flag, type Command } from './command.js';
import { printJson } from './table.js';
import { printLine } from './terminal.js';

/** Of the built package: dist/cli is two folders below its root. */
export const packageRoot = (): string => dirname(dirname(__dirname));

export const cmakeDir: Command = {
  name: 'cmake-dir',
  operands: '',
  summary: "where CMake's find_package finds this package",
  options: JSON_OPTION,
  optionHelp: [JSON_HELP],
  examples: ['cmake -B build -Daisopod-plugin_DIR="$(npx aisopod-plugin cmake-dir)"'],
  arity: [0, 0],
  run(args, terminal) {
    const root = packageRoot();
    const cmake = join(root, 'cmake');
    if (flag(args, 'json')) printJson(terminal, { cmake, include: join(root, 'include') });
    else printLine(terminal.out, cmake);
    return Promise.resolve(Exit.DONE);
  },
};
