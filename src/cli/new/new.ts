import { join, resolve } from 'node:path';
import { CAPABILITY_KINDS, type CapabilityKind } from '../../abi/constants.js';
import { nearest } from '../../errors/index.js';
import { packageRoot, packageVersion } from '../../files/index.js';
import { Exit, JSON_HELP, JSON_OPTION, UsageError, flag, operand, text, type CliCommand } from '../command.js';
import { printError, printJson, printable, type Terminal } from '../terminal.js';
import { LANGUAGES, type LanguageName } from './languages.js';
import { requireId, wordsOf, type Words } from './names.js';
import { projectFiles, writeProject } from './project.js';
import { missingOf } from './toolchain.js';
import { tryCommand } from './try-command.js';

const LANGUAGE_NAMES = Object.keys(LANGUAGES) as LanguageName[];

export const newPlugin: CliCommand = {
  name: 'new',
  operands: '<name>',
  summary: 'write a new plugin: a folder that builds, runs and tests itself',
  options: { ...JSON_OPTION, lang: { type: 'string' }, kind: { type: 'string' }, dir: { type: 'string' } },
  optionHelp: [
    ['--lang LANGUAGE', `${LANGUAGE_NAMES.join(', ')} (default: c)`],
    ['--kind KIND', `what the plugin offers: ${CAPABILITY_KINDS.join(', ')} (default: tool)`],
    ['--dir FOLDER', 'the folder to write, which must be empty or absent (default: the name)'],
    JSON_HELP,
  ],
  examples: ['aisopod-plugin new weather', 'aisopod-plugin new mail --lang cpp --kind channel --dir plugins/mail'],
  arity: [1, 1],
  async run(args, terminal) {
    const id = operand(args, 0);
    requireId(id);
    const lang = oneOf(LANGUAGE_NAMES, text(args, 'lang') ?? 'c', '--lang');
    const kind = oneOf(CAPABILITY_KINDS, text(args, 'kind') ?? 'tool', '--kind');
    const given = text(args, 'dir') ?? id;
    const path = resolve(given);
    const { next, files } = write(given, id, lang, kind);
    const missing = await missingOf(LANGUAGES[lang].programs);
    if (flag(args, 'json')) printJson(terminal, { id, lang, kind, path, files, missing, next });
    else {
      terminal.out.line(printable(`${path}: ${files.length} files and the kit for ${LANGUAGES[lang].title}`));
      for (const { program, install } of missing) printError(terminal, `${program} is not installed`, `to get it: ${install}`);
      printNext(terminal, next);
    }
    return Exit.DONE;
  },
};

/** Writes the folder. Returns its files, and what to do next. */
function write(given: string, id: string, lang: LanguageName, kind: CapabilityKind) {
  const root = packageRoot() ?? '';
  const language = LANGUAGES[lang];
  const names = wordsOf(id, kind);
  const words: Words = {
    ...names,
    lang,
    language: language.title,
    build: language.build,
    setup: language.setup,
    needs: ['Node 20.19 or newer', ...language.programs.map(({ title }) => title)].join(', ').replace(/, (?=[^,]*$)/, ' and '),
    try: tryCommand(names, kind, './plugin'),
    version: packageVersion() ?? '',
  };
  const options = { root, lang, language, kind, words };
  const files = projectFiles(options);
  writeProject(resolve(given), files, options);
  const next = [`npm run build --prefix ${quoted(given)}`, tryCommand(names, kind, quoted(join(given, 'plugin')))];
  return { files: [...files.keys()].sort(), next };
}

/** For a shell, if it has to be. */
const quoted = (path: string): string => (/[^\w@%+=:,./\\-]/.test(path) ? `"${path}"` : path);

function printNext({ out }: Terminal, next: readonly string[]): void {
  out.line('\nnext');
  for (const command of next) out.line(`  ${printable(command)}`);
}

/** @throws UsageError */
function oneOf<T extends string>(known: readonly T[], given: string, option: string): T {
  const found = known.find((each) => each === given);
  if (found !== undefined) return found;
  const meant = nearest(given, known);
  throw new UsageError(`${option} must be one of ${known.join(', ')}, not ${given}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
}
