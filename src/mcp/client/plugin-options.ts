import { basename, extname } from 'node:path';
import { programEnvironment, type EnvironmentOptions } from '../../isolation/supervisor/environment.js';
import { PROCESS_SHAPE, restartOption } from '../../isolation/supervisor/process-shape.js';
import type { RestartOptions } from '../../isolation/supervisor/restart-policy.js';
import { callback, checked, listOf, name, path, timerMilliseconds } from '../../options/fields.js';
import { startFolder } from '../../options/folders.js';
import { group } from '../../options/group.js';
import { readOptions } from '../../options/read-options.js';

export interface McpPluginOptions extends EnvironmentOptions {
  /** The program of the MCP server, by its path or by its name in PATH. On Windows a `.cmd` file needs `cmd` with `['/c', …]`. */
  readonly command: string;
  readonly args?: readonly string[];
  /** The current folder of the program. Default: that of the host when it started. */
  readonly cwd?: string;
  /** The plugin's id. Default: the name of the program. */
  readonly id?: string;
  /**
   * The name of a tool in the registry, from its name at the server; `undefined` leaves the tool out. Default: the same name, with
   * `_` for each character that no tool name has.
   */
  readonly toolName?: (name: string) => string | undefined;
  readonly restart?: RestartOptions;
  /**
   * Milliseconds that the server has to end after its input was closed, before it is killed; and to answer a ping after a call has
   * missed its deadline. Default 2000.
   */
  readonly graceMs?: number;
}

/** Checked options, with the defaults filled in. */
export interface McpPluginSettings {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly id: string;
  readonly toolName: (name: string) => string | undefined;
  readonly restart: RestartOptions | undefined;
  readonly graceMs: number;
}

const text = checked<string>('a string without NUL', (value) => typeof value === 'string' && !value.includes('\0'));

const pluginOptions = group<McpPluginOptions>(
  {
    command: name('the name or path of a program'),
    args: listOf(text, 'an array of strings'),
    cwd: path('a folder'),
    id: name('a plugin id'),
    toolName: callback(),
    restart: restartOption,
    graceMs: timerMilliseconds({ orZero: true }),
    env: PROCESS_SHAPE.env,
    inheritEnv: PROCESS_SHAPE.inheritEnv,
  },
  { required: ['command'] },
);

/** @throws LoadError ERR_OPTIONS */
export function readPluginOptions(given: unknown): McpPluginSettings {
  const { command, args = [], cwd = startFolder(), id = idOf(command), toolName = legalName, restart, graceMs = 2000, ...variables } = readOptions(pluginOptions, given);
  return { command, args, cwd, env: programEnvironment(variables), id, toolName, restart, graceMs };
}

const idOf = (command: string): string => basename(command, extname(command)).toLowerCase().replace(/[^a-z0-9._-]/g, '-');

const legalName = (name: string): string => name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
