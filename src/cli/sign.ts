import { signPlugin } from '../trust/index.js';
import { candidateNamed } from './candidate-named.js';
import { Exit, SCAN_HELP, SCAN_OPTIONS, UsageError, flag, operand, text, type CliCommand } from './command.js';
import { readKey } from './read-key.js';
import { printJson, printable } from './terminal.js';

export const sign: CliCommand = {
  name: 'sign',
  operands: '<folder or id> --key FILE',
  summary: "sign every file of a plugin with the author's key; writes aisopod.plugin.sig into the plugin folder",
  options: { ...SCAN_OPTIONS, key: { type: 'string' } },
  optionHelp: [['--key FILE', 'a private Ed25519 key in PEM; to make one: openssl genpkey -algorithm ed25519 -out FILE'], ...SCAN_HELP],
  examples: ['aisopod-plugin sign ./build/weather --key author.key'],
  arity: [1, 1],
  async run(args, terminal) {
    const key = text(args, 'key');
    if (key === undefined) throw new UsageError('--key FILE is required: the private key');
    const candidate = await candidateNamed(operand(args, 0), args);
    const signature = await signPlugin(candidate, await readKey(key));
    if (flag(args, 'json')) printJson(terminal, { id: candidate.id, version: candidate.manifest.plugin.version, path: candidate.path, signature });
    else terminal.out.line(printable(signature));
    return Exit.DONE;
  },
};
