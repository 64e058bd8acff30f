import { dirname, join, sep } from 'node:path';
import { Exit, JSON_HELP, JSON_OPTION, flag, type Command } from './command.js';
import { printJson } from './terminal.js';

/** Of the built package: dist/cli is two folders below its root. */
const packageRoot = (): string => dirname(dirname(__dirname));

/** A backslash is an escape to CMake. */
const forCMake = (path: string): string => path.split(sep).join('/');

export const cmakeDir: Command = {
  name: 'cmake-dir',
  operands: '',
  summary: "print the folder in which CMake's find_package finds this package",
  options: JSON_OPTION,
  optionHelp: [JSON_HELP],
  examples: ['cmake -B build -Daisopod-plugin_DIR="$(npx aisopod-plugin cmake-dir)"'],
  arity: [0, 0],
  run(args, terminal) {
    const [cmake = '', include] = ['cmake', 'include'].map((folder) => forCMake(join(packageRoot(), folder)));
    if (flag(args, 'json')) printJson(terminal, { cmake, include });
    else terminal.out.line(cmake);
    return Promise.resolve(Exit.DONE);
  },
};
