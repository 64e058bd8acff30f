import { parseJson, readJsonFile } from './call-input.js';
import { text, type Arguments } from './command.js';

export const CONFIG_OPTION = { config: { type: 'string' } } as const;

/** Text that begins like this is JSON. Anything else is the name of a file. */
const JSON_BEGIN = /^\s*[[{"]/;

/** The configuration in `--config`, which is JSON or names a file with it; `undefined` without the option. @throws UsageError, LoadError ERR_IO */
export async function readConfig(args: Arguments): Promise<unknown> {
  const given = text(args, 'config');
  if (given === undefined || JSON_BEGIN.test(given)) return given && parseJson(given, '--config');
  return await readJsonFile(given, 'the configuration');
}
