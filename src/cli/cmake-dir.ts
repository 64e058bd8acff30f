import { join, sep } from 'node:path';
import { packageRoot } from '../files/index.js';
import { Exit, JSON_HELP, JSON_OPTION, flag, type CliCommand } from './command.js';
import { printJson } from './terminal.js';

/** CMake treats backslashes as escapes. */
const forCMake = (path: string): string => path.split(sep).join('/');

export const cmakeDir: CliCommand = {
  name: 'cmake-dir',
  operands: '',
  summary: 'print the folder with the CMake package, for find_package',
  options: JSON_OPTION,
  optionHelp: [JSON_HELP],
  examples: ['cmake -B build -Daisopod-plugin_DIR="$(npx aisopod-plugin cmake-dir)"'],
  arity: [0, 0],
  run(args, terminal) {
    const [cmake = '', include] = ['cmake', 'include'].map((folder) => forCMake(join(packageRoot() ?? '', folder)));
    if (flag(args, 'json')) printJson(terminal, { cmake, include });
    else terminal.out.line(cmake);
    return Promise.resolve(Exit.DONE);
  },
};
