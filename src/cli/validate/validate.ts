import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { ioError, nearest } from '../../errors/index.js';
import { configReader } from '../../host/plugin-config.js';
import { MANIFEST_FILENAME } from '../../manifest/index.js';
import { Exit, JSON_HELP, JSON_OPTION, UsageError, flag, text, texts, type Arguments, type CliCommand, type ExitCode } from '../command.js';
import { CONFIG_OPTION, readConfig } from '../config-option.js';
import { interruptible } from '../interruptible.js';
import { printTable, wrap } from '../table.js';
import { printError, printJson, type Terminal } from '../terminal.js';
import type { Check } from './check.js';
import { CHECKS } from './checks.js';
import { junitOf } from './junit.js';
import { combined, countsOf, type Outcome } from './outcome.js';
import { readContents, type PluginContents } from './plugin-contents.js';
import { printOutcomes } from './print-outcomes.js';
import { Progress } from './progress.js';
import { runChecks } from './run-checks.js';
import { isolatedRunner } from './run-isolated.js';
import { buildSanitized, type SanitizedBuild } from './sanitize.js';
import { summaryLine } from './summary-line.js';

const DEFAULT_SEED = 1;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MEMORY_MIB = 4096;
const MIB = 1024 * 1024;

export const validate: CliCommand = {
  name: 'validate',
  operands: '[<folder>]',
  summary: 'check a plugin against every rule of the contract: its files, then its code, each check in a process of its own',
  options: {
    ...JSON_OPTION,
    ...CONFIG_OPTION,
    list: { type: 'boolean' },
    only: { type: 'string', multiple: true },
    skip: { type: 'string', multiple: true },
    seed: { type: 'string' },
    jobs: { type: 'string' },
    timeout: { type: 'string' },
    memory: { type: 'string' },
    junit: { type: 'string' },
    sanitize: { type: 'boolean' },
    strict: { type: 'boolean' },
    verbose: { type: 'boolean' },
  },
  optionHelp: [
    ['--list', 'list all checks; needs no folder'],
    ['--only ID', 'run this check, or all of a kind: static, dynamic; repeatable (default: all)'],
    ['--skip ID', 'leave out this check, or all of a kind; repeatable'],
    ['--seed N', `the seed of everything random, to repeat a run (default: ${DEFAULT_SEED})`],
    ['--config JSON', "the plugin's configuration, or a file that contains it (default: the defaults of its schema, and generated values for required keys)"],
    ['--jobs N', 'how many checks run at once (default: the number of processors)'],
    ['--timeout MS', `the time limit of one check in milliseconds (default: ${DEFAULT_TIMEOUT_MS})`],
    ['--memory MIB', `the memory limit of one check in MiB, on Linux (default: ${DEFAULT_MEMORY_MIB}, or half of that of the machine)`],
    ['--junit FILE', 'also write the results as JUnit XML'],
    ['--sanitize', 'build the CMake project in the folder with AddressSanitizer and UndefinedBehaviorSanitizer, and with ThreadSanitizer; run the checks of its code with both (Linux, gcc)'],
    ['--strict', 'exit with 1 for warnings too'],
    ['--verbose', 'also print the checks that passed'],
    JSON_HELP,
  ],
  examples: ['aisopod-plugin validate ./build/weather', 'aisopod-plugin validate ./build/weather --only static --json', 'aisopod-plugin validate --list'],
  arity: [0, 1],
  async run(args, terminal) {
    if (flag(args, 'list')) return list(args, terminal);
    const [folder] = args.positionals;
    if (folder === undefined) throw new UsageError('validate needs the folder of a plugin; to list the checks: aisopod-plugin validate --list');
    return interruptible((signal) => (flag(args, 'sanitize') ? validateSanitized(folder, args, terminal, signal) : validateFolder({ folder, checks: selected(args) }, args, terminal, signal)));
  },
};

/** What is validated, and by which checks. */
interface Plan {
  readonly folder: string;
  readonly checks: readonly Check[];
  /** The folder is that of sources, of which these were made. */
  readonly builds?: readonly SanitizedBuild[];
}

/** The files of such a build are not those that are shipped, so only its code is checked. */
async function validateSanitized(folder: string, args: Arguments, terminal: Terminal, signal: AbortSignal): Promise<ExitCode> {
  const build = await mkdtemp(join(tmpdir(), 'aisopod-sanitized-'));
  try {
    const checks = selected(args).filter(({ kind }) => kind === 'dynamic');
    const builds = await buildSanitized(resolve(folder), build, (message) => printError(terminal, message), signal);
    return await validateFolder({ folder, builds, checks }, args, terminal, signal);
  } finally {
    await rm(build, { recursive: true, force: true });
  }
}

async function validateFolder({ folder, checks, builds }: Plan, args: Arguments, terminal: Terminal, signal: AbortSignal): Promise<ExitCode> {
  const seed = whole(args, 'seed', 0) ?? DEFAULT_SEED;
  const contents = await readContents(resolve(builds?.[0]?.folder ?? folder));
  const config = await configFor(contents, args);
  const progress = new Progress(checks.length * (builds?.length ?? 1));
  const results: (readonly Outcome[])[] = [];
  for (const build of builds ?? [undefined]) results.push(await outcomesOf(build === undefined ? contents : await readContents(build.folder), { checks, build, seed, config, progress, signal }, args));
  const outcomes = combined(results);
  progress.clear();
  if (signal.aborted) return Exit.INTERRUPTED;
  await writeJunit(text(args, 'junit'), contents, outcomes);
  const summary = summaryLine(contents, outcomes, seed);
  if (flag(args, 'json')) printJson(terminal, jsonOf(contents, outcomes, seed, summary));
  else {
    printOutcomes(terminal, outcomes, { folder, seed, sanitize: builds !== undefined, config: text(args, 'config'), verbose: flag(args, 'verbose') });
    terminal.out.line(terminal.out.style(hasFailed(outcomes, args) ? 'red' : 'green', summary));
  }
  return hasFailed(outcomes, args) ? Exit.REFUSED : Exit.DONE;
}

/** One run of the checks. */
interface Run {
  readonly checks: readonly Check[];
  readonly build: SanitizedBuild | undefined;
  readonly seed: number;
  readonly config: string | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

function outcomesOf(contents: PluginContents, { checks, build, seed, config, progress, signal }: Run, args: Arguments): Promise<readonly Outcome[]> {
  const jobs = whole(args, 'jobs', 1) ?? availableParallelism();
  const timeoutMs = whole(args, 'timeout', 1) ?? DEFAULT_TIMEOUT_MS;
  const maxMemoryBytes = (whole(args, 'memory', 1) ?? Math.min(DEFAULT_MEMORY_MIB, Math.floor(totalmem() / MIB / 2))) * MIB;
  return runChecks(checks, contents, {
    jobs,
    signal,
    config,
    runIsolated: isolatedRunner({ seed, timeoutMs, maxMemoryBytes, build }),
    onStart: (check) => progress.start(check),
    onEnd: ({ check }) => progress.end(check),
  });
}

/** The configuration in `--config`, checked against the schema of the plugin. @throws UsageError, LifecycleError ERR_CONFIG */
async function configFor({ folder, manifest }: PluginContents, args: Arguments): Promise<string | undefined> {
  const given = await readConfig(args);
  if (given === undefined || manifest === undefined) return undefined;
  const read = await configReader({ id: manifest.plugin.id, path: folder, manifestPath: join(folder, MANIFEST_FILENAME), manifest });
  return JSON.stringify(read(given));
}

function hasFailed(outcomes: readonly Outcome[], args: Arguments): boolean {
  const { failed, warned } = countsOf(outcomes);
  return failed > 0 || (warned > 0 && flag(args, 'strict'));
}

function list(args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const checks = selected(args);
  if (flag(args, 'json')) printJson(terminal, { checks: checks.map(plain) });
  else printTable(terminal, ['check', 'kind', 'source', 'what it demands'], checks.map(({ id, kind, source, title }) => [id, kind, source, wrap(title, Infinity)[0] ?? '']));
  return Promise.resolve(Exit.DONE);
}

/** The checks that `--only` and `--skip` leave. @throws UsageError for an unknown one */
function selected(args: Arguments): readonly Check[] {
  const [only, skip] = [texts(args, 'only'), texts(args, 'skip') ?? []];
  for (const name of [...(only ?? []), ...skip]) requireKnown(name);
  const isNamed = ({ id, kind }: Check, names: readonly string[]): boolean => names.includes(id) || names.includes(kind);
  return CHECKS.filter((check) => (only === undefined || isNamed(check, only)) && !isNamed(check, skip));
}

function requireKnown(name: string): void {
  const known = ['static', 'dynamic', ...CHECKS.map(({ id }) => id)];
  if (known.includes(name)) return;
  const meant = nearest(name, known);
  throw new UsageError(`there is no check ${name}${meant === undefined ? '' : `; did you mean ${meant}?`} To list the checks: aisopod-plugin validate --list`);
}

function whole(args: Arguments, name: string, min: number): number | undefined {
  const given = text(args, name);
  if (given === undefined) return undefined;
  const value = Number(given);
  if (!/^\d{1,10}$/.test(given) || value < min || value > 0xffffffff) throw new UsageError(`--${name} needs a whole number of at least ${min}`);
  return value;
}

async function writeJunit(file: string | undefined, contents: PluginContents, outcomes: readonly Outcome[]): Promise<void> {
  if (file === undefined) return;
  await writeFile(file, junitOf(contents, outcomes)).catch((cause: unknown) => {
    throw ioError('write the results', cause, { path: file }, { writes: true });
  });
}

const plain = ({ id, kind, source, title, breaks }: Check): object => ({ id, kind, source, title, breaks });

function jsonOf({ folder, manifest }: PluginContents, outcomes: readonly Outcome[], seed: number, summary: string): object {
  const checks = outcomes.map(({ check, status, durationMs, findings }) => ({ ...plain(check), status, durationMs, findings }));
  const { id, version } = manifest?.plugin ?? {};
  return { plugin: { id: id ?? null, version: version ?? null, path: folder }, seed, counts: countsOf(outcomes), summary, checks };
}
