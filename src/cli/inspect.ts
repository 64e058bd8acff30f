import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { PluginError, ioError, messageOf } from '../errors/index.js';
import { MANIFEST_FILENAME, readManifest, type Manifest } from '../manifest/index.js';
import { resolveLibrary } from '../scan/index.js';
import { triage, type CodeSignature, type Triage } from '../triage/index.js';
import { scan } from './candidate-named.js';
import { Exit, RefusedError, SCAN_HELP, SCAN_OPTIONS, flag, operand, type Arguments, type CliCommand } from './command.js';
import { messageLines } from './message-lines.js';
import { permissionLines } from './permission-lines.js';
import { printField } from './table.js';
import { printError, printJson, type Terminal } from './terminal.js';

/** The files of a plugin folder, or one library. */
interface Inspection {
  readonly manifest: Manifest | null;
  readonly library: Triage | null;
  readonly problems: readonly unknown[];
}

export const inspect: CliCommand = {
  name: 'inspect',
  operands: '<id, folder or library>',
  summary: 'show the contents of a plugin folder or a library; runs none of its code',
  options: SCAN_OPTIONS,
  optionHelp: SCAN_HELP,
  examples: ['aisopod-plugin inspect weather', 'aisopod-plugin inspect ./libweather.so --json'],
  arity: [1, 1],
  async run(args, terminal) {
    const inspection = await inspectPath(await pathNamed(operand(args, 0), args));
    const { manifest, library, problems } = inspection;
    if (flag(args, 'json')) printJson(terminal, { ...library, manifest, problems: problems.map(recordOf) });
    else printInspection(terminal, inspection);
    return problems.length > 0 || library?.verdict.kind === 'unfit' ? Exit.REFUSED : Exit.DONE;
  },
};

const recordOf = (problem: unknown): object => (problem instanceof PluginError ? problem.toJSON() : { message: messageOf(problem) });

/** A path that exists, or else the folder of the plugin with this id. */
async function pathNamed(name: string, args: Arguments): Promise<string> {
  const path = resolve(name);
  if (existsSync(path) || /[/\\]/.test(name)) return path;
  const { candidates, refused } = await scan(args);
  const found = [...candidates, ...refused].find(({ id }) => id === name);
  if (found !== undefined) return found.path;
  throw new RefusedError(`there is no file or folder ${name}, and no plugin with this id; to list plugins: aisopod-plugin list`);
}

async function inspectPath(path: string): Promise<Inspection> {
  const problems: unknown[] = [];
  const attempt = async <T>(run: () => Promise<T>): Promise<T | null> => {
    try {
      return await run();
    } catch (error) {
      problems.push(error);
      return null;
    }
  };
  const isFolder = await attempt(() => folderAt(path));
  if (isFolder === null) return { manifest: null, library: null, problems };
  const folder = isFolder ? path : dirname(path);
  const manifest = isFolder ? await attempt(() => readManifest(join(folder, MANIFEST_FILENAME))) : null;
  const library = await attempt(async () => {
    if (!isFolder) return triage(path);
    return manifest === null ? null : triage(await resolveLibrary(folder, manifest.plugin.entryPoint));
  });
  return { manifest, library, problems };
}

async function folderAt(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw ioError('inspect the path', cause, { path });
  }
}

function printInspection(terminal: Terminal, { manifest, library, problems }: Inspection): void {
  const field = (name: string, value: string): void => printField(terminal, name, value);
  if (manifest !== null) {
    const { id, name, version, author, description, license, homepage, repository, keywords } = manifest.plugin;
    field('plugin', `${name} ${version} (${id}), by ${author}: ${description}`);
    for (const [key, value] of Object.entries({ license, homepage, repository })) if (value !== undefined) field(key, value);
    if (keywords !== undefined) field('keywords', keywords.join(', '));
    const requirements: Readonly<Record<string, Names>> = { ...manifest.requirements };
    for (const [what, names] of Object.entries(requirements)) if (namesIn(names).length > 0) field('requires', `${what}: ${namesIn(names).join(', ')}`);
    for (const line of permissionLines(manifest.permissions)) field('permissions', line);
    for (const [kind, names] of Object.entries(manifest.capabilities)) if (names.length > 0) field(kind, names.join(', '));
    const { minHostVersion: min, maxHostVersion: max, abi = 'not specified' } = manifest.compatibility;
    const versions = [min && `at least ${min}`, max && `at most ${max}`].filter(Boolean).join(', ') || 'any version';
    field('host', `${versions}; ABI ${abi}`);
  }
  if (library !== null) printLibrary(terminal, library);
  for (const problem of problems) {
    if (problem instanceof PluginError) printError(terminal, messageLines(problem), problem.hint);
    else printError(terminal, messageOf(problem));
  }
}

/** A list of names, or names each with what will not work without it. */
type Names = readonly string[] | Readonly<Record<string, string>>;

const namesIn = (names: Names): string[] =>
  Array.isArray(names) ? [...(names as readonly string[])] : Object.entries(names).map(([name, consequence]) => `${name} (${consequence})`);

function printLibrary(terminal: Terminal, library: Triage): void {
  const field = (name: string, value: string): void => printField(terminal, name, value);
  const { format, bits, arch, os, libc, note, needed, searchPaths, codeSignature, traits, verdict } = library;
  field('library', library.path);
  field('format', `${format}, ${bits}-bit, ${os ?? 'any system'} ${arch}${libc === undefined ? '' : `, ${libc.flavour} ${libc.version ?? ''}`}`);
  field('note', note === undefined ? (library.noteProblem ?? 'none') : `ABI ${note.abiVersion}`);
  field('exports', `${library.exports.length}: ${library.exports.slice(0, 8).join(', ')}${library.exports.length > 8 ? ' …' : ''}`);
  field('needs', needed.join(', ') || 'nothing');
  if (searchPaths.length > 0) field('search path', searchPaths.join(', '));
  if (codeSignature !== undefined) field('signature', describeSignature(codeSignature));
  const shown = Object.entries(traits).filter(([, value]) => value !== false && value !== 0);
  field('traits', shown.map(([name, value]) => (value === true ? name : `${name}: ${value}`)).join(', ') || 'none');
  field('verdict', verdict.kind === 'unfit' ? `unfit (${verdict.code}): expected ${verdict.expected}, found ${verdict.found}` : verdict.kind);
  for (const { message, hint } of verdict.warnings) field('warning', `${message} ${hint}`);
}

const describeSignature = ({ state, problem, teamId }: CodeSignature): string =>
  [state, problem, teamId && `signed by the team ${teamId}`].filter((part) => part !== undefined).join('; ');
