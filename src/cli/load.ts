import { Trace } from '../report/trace.js';
import { ProcessLoader } from '../isolation/proxy/process-loader.js';
import { DynamicPluginLoader } from '../loader/dynamic-plugin-loader.js';
import type { Plugin } from '../plugin/plugin.js';
import { PluginRegistry } from '../registry/plugin-registry.js';
import type { PluginRegistryOptions } from '../registry/registry-options.js';
import type { Candidate } from '../scan/index.js';
import { flag, text, texts, type Arguments } from './command.js';
import { SANDBOX_HELP, SANDBOX_OPTIONS, sandboxFor } from './sandbox.js';
import { consoleLogger } from './console-logger.js';
import type { Terminal } from './terminal.js';
import { TRACE_HELP, TRACE_OPTIONS, denialPrinter } from './trace-denials.js';

/** Options of the commands that run a plugin. */
export const LOAD_OPTIONS = {
  verbose: { type: 'boolean' },
  env: { type: 'string', multiple: true },
  'in-process': { type: 'boolean' },
  ...SANDBOX_OPTIONS,
  ...TRACE_OPTIONS,
} as const;
export const LOAD_HELP = [
  ['--verbose', 'print everything that the plugin logs or prints (default: only its warnings and errors)'],
  ['--env NAME', 'pass this environment variable to the plugin, in addition to PATH, HOME and the like; repeatable'],
  ['--in-process', 'load the plugin into this process, for example to debug it (default: in a child process)'],
  ...SANDBOX_HELP,
  ...TRACE_HELP,
] as const;

interface Loaded extends AsyncDisposable {
  readonly plugin: Plugin;
  /** For this plugin alone, which is not registered yet. */
  readonly registry: PluginRegistry;
}

/** Loads the plugin where the options say, and makes a registry for it. */
export async function loadFor(
  candidate: Candidate,
  args: Arguments,
  terminal: Terminal,
  options: Pick<PluginRegistryOptions, 'configOf' | 'dataDir'>,
): Promise<Loaded> {
  const logger = consoleLogger(terminal, flag(args, 'verbose'));
  // This command is not a real host, so use any version that the manifest accepts.
  const { minHostVersion, maxHostVersion } = candidate.manifest.compatibility;
  const hostVersion = text(args, 'host-version') ?? minHostVersion ?? maxHostVersion ?? '1.0.0';
  const tracing = denialPrinter(args, (line) => terminal.err.line(line));
  const loader = flag(args, 'in-process')
    ? new DynamicPluginLoader({ hostVersion, logger, pluginDirs: [] })
    : new ProcessLoader({ hostVersion, logger, restart: { most: 0 }, inheritEnv: texts(args, 'env') ?? [], ...tracing });
  // The user runs its commands, so they need no other authorization, and cannot be taken for those of a host.
  const registry = new PluginRegistry({ hostVersion, logger, authorize: () => true, reservedCommands: [], ...options });
  const sandbox = sandboxFor(candidate, args, options.dataDir);
  const end = async (): Promise<void> => {
    await registry[Symbol.asyncDispose]();
    await sandbox?.end();
  };
  try {
    await sandbox?.prepare();
    const plugin = await loader.loadPlugin(candidate, { sandbox, beforeOpen: async () => sandbox?.admit(new Trace()) });
    return { plugin, registry, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}
