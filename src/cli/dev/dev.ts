import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { PluginHostOptions } from '../../host/host-options.js';
import type { LogLevel, Logger } from '../../log/logger.js';
import { MANIFEST_FILENAME } from '../../manifest/index.js';
import { keepAlive } from '../../options/keep-alive.js';
import { parseJson } from '../call-input.js';
import { Exit, RefusedError, flag, operand, text, texts, type Arguments, type CliCommand, type ExitCode } from '../command.js';
import { CONFIG_OPTION, readConfig } from '../config-option.js';
import { interruptible } from '../interruptible.js';
import { LOAD_HELP, LOAD_OPTIONS } from '../load.js';
import { denialPrinter } from '../trace-denials.js';
import { missingOf } from '../new/toolchain.js';
import { sandboxOptions } from '../sandbox.js';
import { requireHome } from '../require-home.js';
import type { Terminal } from '../terminal.js';
import { lineView } from './line-view.js';
import { PluginRun, type RunOptions } from './plugin-run.js';
import { Build } from './run-build.js';
import { hasScreen, screenView } from './screen-view.js';
import { DevSession } from './session.js';
import { SourceWatch } from './source-watch.js';
import { Stage } from './stage.js';
import { BUILD_FILES, toolchainOf, type Toolchain } from './toolchains.js';
import type { DevView } from './view.js';

export const dev: CliCommand = {
  name: 'dev',
  operands: "<folder> [<tool> ['<json>']]",
  summary: 'build a plugin, run it, and do so again after each change of its sources; calls a tool each time',
  options: {
    ...LOAD_OPTIONS,
    id: { type: 'string' },
    'host-version': { type: 'string' },
    ...CONFIG_OPTION,
    'data-dir': { type: 'string' },
  },
  optionHelp: [
    ['--id ID', 'the plugin, if the project builds several'],
    ['--host-version VERSION', 'the version of the host that the plugin is told (default: one that its manifest accepts)'],
    ['--config JSON', "the plugin's configuration, or a file that contains it (default: {})"],
    ['--data-dir FOLDER', "the parent of the plugin's data folder (default: ~/.aisopod/data)"],
    ['--verbose', 'also print debug messages'],
    ...LOAD_HELP.filter(([option]) => option !== '--verbose'),
  ],
  examples: ['aisopod-plugin dev .', `aisopod-plugin dev ./weather forecast '{"city": "Graz"}'`],
  arity: [1, 3],
  async run(args, terminal) {
    if (text(args, 'data-dir') === undefined) requireHome('--data-dir');
    const folder = resolve(operand(args, 0));
    const name = operand(args, 1);
    const tool = name === '' ? undefined : { name, input: parseJson(operand(args, 2) || '{}', 'the parameters') };
    const config = (await readConfig(args)) ?? {};
    const toolchain = await toolchainIn(folder);
    const stage = await Stage.make();
    try {
      const place = { folder, scratch: stage.folder };
      const build = toolchain === undefined ? undefined : new Build(toolchain, place);
      return await interruptible((signal) => develop(signal, { folder, build, library: toolchain?.library?.(place), tool, stage, config }, args, terminal));
    } finally {
      await stage.remove();
    }
  },
};

interface Project {
  readonly folder: string;
  readonly build: Build | undefined;
  readonly library: string | undefined;
  readonly tool: { readonly name: string; readonly input: unknown } | undefined;
  readonly stage: Stage;
  readonly config: unknown;
}

async function develop(signal: AbortSignal, { config, ...project }: Project, args: Arguments, terminal: Terminal): Promise<ExitCode> {
  const current: { session?: DevSession } = {};
  const view = hasScreen() ? screenView(terminal, (key) => onKey(key, current.session)) : lineView(terminal);
  const run = new PluginRun(hostOptions(project.stage, args, view, (report) => current.session?.onState(report)), config);
  const session = (current.session = new DevSession({ ...project, id: text(args, 'id'), hostVersion: text(args, 'host-version'), run, view }));
  const { folder } = project;
  const sources = new SourceWatch(folder, project.build !== undefined, (change) => session.onChange(change));
  const end = (): void => session.end();
  signal.addEventListener('abort', end);
  const release = keepAlive(); // waiting for a change does not
  try {
    await sources.start();
    if (!signal.aborted) await session.run();
    return Exit.DONE;
  } finally {
    release();
    sources.close();
    await run.close();
    view.close();
  }
}

function onKey(key: string, session: DevSession | undefined): void {
  if (key === 'q') session?.end();
  if (key === 'b') session?.onChange({ files: [], savedAt: Date.now() });
  if (key === 'c') void session?.call();
}

function hostOptions(stage: Stage, args: Arguments, view: DevView, onState: NonNullable<PluginHostOptions['onState']>): RunOptions {
  const dataDir = text(args, 'data-dir');
  return {
    pluginDirs: [stage.pluginDir],
    stateDir: stage.stateDir,
    isolation: flag(args, 'in-process') ? 'in-process' : 'process',
    processes: { inheritEnv: texts(args, 'env') ?? [], ...denialPrinter(args, (line) => view.line('log', line)) },
    logger: viewLogger(view, flag(args, 'verbose')),
    onState,
    // A plugin that is being written crashes; each build is tried.
    quarantine: false,
    updates: { allowFewer: true },
    // The user runs its commands, so they need no other authorization.
    authorize: () => true,
    reservedCommands: [],
    ...sandboxOptions(args),
    ...(dataDir !== undefined && { dataDir }),
  };
}

function viewLogger(view: DevView, verbose: boolean): Logger {
  const print =
    (level: LogLevel): Logger['info'] =>
    (message, fields) => {
      // The host's own messages about failures are shown as errors.
      if (fields?.code === undefined) view.line('log', `${level}: ${message}`);
    };
  return { debug: verbose ? print('debug') : () => undefined, info: print('info'), warn: print('warn'), error: print('error') };
}

/** Undefined if nothing is to be built. @throws RefusedError if there is nothing to run, or a program is missing */
async function toolchainIn(folder: string): Promise<Toolchain | undefined> {
  const files = await readdir(folder).catch(() => undefined);
  if (files === undefined) throw new RefusedError(`there is no folder ${folder}`);
  const toolchain = toolchainOf(files);
  if (toolchain === undefined && !files.includes(MANIFEST_FILENAME)) throw new RefusedError(`${folder} has nothing to build (${BUILD_FILES}) and no ${MANIFEST_FILENAME}`);
  const [missing] = toolchain === undefined ? [] : await missingOf(toolchain.programs);
  if (missing !== undefined) throw new RefusedError(`${toolchain?.file ?? ''} needs ${missing.program}, which is not installed; to get it: ${missing.install}`);
  return toolchain;
}
