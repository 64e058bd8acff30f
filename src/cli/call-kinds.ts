import type { CapabilityKind } from '../abi/constants.js';
import type { CallableKind } from '../capability/kinds/index.js';
import { HOOK_NAMES, type HookName } from '../manifest/index.js';
import type { PluginRegistry } from '../registry/plugin-registry.js';
import { RefusedError, UsageError } from './command.js';
import type { Printer } from './call-printer.js';

/** What to call, and with what. */
export interface Wanted {
  readonly pluginId: string;
  readonly name: string;
  readonly method: string | undefined;
  readonly input: unknown;
  readonly signal: AbortSignal;
  readonly timeoutMs: number | undefined;
}

type Call = (registry: PluginRegistry, wanted: Wanted, printer: Printer) => Promise<unknown>;

interface CallKind {
  /** What the input is if the user gives none. */
  readonly fallback: string;
  readonly call: Call;
}

/** The kinds that `call` can use. A channel needs a conversation, not a call. */
export const CALL_KINDS: Readonly<Record<Exclude<CapabilityKind, 'channel'>, CallKind>> = {
  tool: { fallback: '{}', call: callTool },
  command: { fallback: '[]', call: runCommand },
  hook: { fallback: '{}', call: dispatch },
  provider: { fallback: '{}', call: askProvider },
};

function callTool(registry: PluginRegistry, wanted: Wanted, { onChunk, onProgress }: Printer): Promise<unknown> {
  const { input, signal, timeoutMs } = wanted;
  return found(registry, 'tool', wanted).call(input, { signal, timeoutMs, onChunk, onProgress });
}

async function runCommand(registry: PluginRegistry, wanted: Wanted, { onOutput, isLive }: Printer): Promise<unknown> {
  const { input, signal, timeoutMs } = wanted;
  const { exitCode, ...output } = await found(registry, 'command', wanted).run(input as readonly string[], { signal, timeoutMs, onOutput });
  return isLive ? { exitCode } : { exitCode, ...output };
}

/** Runs the plugin's handler as a host would. */
function dispatch(registry: PluginRegistry, { pluginId, name, input, signal, timeoutMs }: Wanted): Promise<unknown> {
  const names = registry.capabilities('hook').map((hook) => hook.name);
  if (!names.includes(name as HookName)) throw absent(pluginId, 'hook', name, names, HOOK_NAMES);
  return registry.dispatch(name as HookName, input, { signal, timeoutMs });
}

function askProvider(registry: PluginRegistry, wanted: Wanted, { onChunk }: Printer): Promise<unknown> {
  const { method = 'chat', input, signal, timeoutMs } = wanted;
  const provider = found(registry, 'provider', wanted);
  if (method === 'models') return provider.models({ signal, timeoutMs });
  if (method === 'health') return provider.health({ signal, timeoutMs });
  if (method === 'chat') return provider.chat(input as object, { signal, timeoutMs, onDelta: onChunk });
  throw new UsageError(`a provider has the methods models, chat and health, not ${method}`);
}

function found<K extends Exclude<CallableKind, 'channel'> | 'command'>(registry: PluginRegistry, kind: K, { pluginId, name }: Wanted) {
  const capability = registry.find(kind, name);
  if (capability !== undefined) return capability;
  throw absent(pluginId, kind, name, registry.capabilities(kind).map((other) => other.name));
}

function absent(pluginId: string, kind: string, name: string, names: readonly string[], known: readonly string[] = []): RefusedError {
  const unknown = known.length > 0 && !known.includes(name) ? ` (the hooks are ${known.join(', ')})` : '';
  return new RefusedError(`plugin ${pluginId} has no ${kind} ${name} (it has: ${[...names].sort().join(', ') || 'none'})${unknown}`);
}
