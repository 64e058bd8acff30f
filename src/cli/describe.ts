import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CapabilityDescriptor } from '../capability/descriptor.js';
import { readToolSpec } from '../capability/tool-spec.js';
import type { Manifest } from '../manifest/index.js';
import type { Plugin } from '../plugin/plugin.js';
import { candidateNamed } from './candidate-named.js';
import { Exit, SCAN_HELP, SCAN_OPTIONS, flag, operand, type CliCommand } from './command.js';
import { LOAD_HELP, LOAD_OPTIONS, loadFor } from './load.js';
import { permissionLines } from './permission-lines.js';
import { printField } from './table.js';
import { jsonText, printJson, printable, type Terminal } from './terminal.js';

/** What a plugin has registered, with the parts of a tool's spec by name. */
type Described = Readonly<Record<string, unknown>> & Pick<CapabilityDescriptor, 'kind' | 'name' | 'description'>;

export const describe: CliCommand = {
  name: 'describe',
  operands: '<folder or id>',
  summary: 'load a plugin and show what it offers: tools with their schemas, commands, hooks, channels and providers; does not initialize it',
  options: { ...SCAN_OPTIONS, ...LOAD_OPTIONS },
  optionHelp: [...LOAD_HELP, ...SCAN_HELP],
  examples: ['aisopod-plugin describe ./build/weather', 'aisopod-plugin describe weather --json'],
  arity: [1, 1],
  async run(args, terminal) {
    const candidate = await candidateNamed(operand(args, 0), args);
    await using folder = await makeTemporaryFolder();
    await using loaded = await loadFor(candidate, args, terminal, { dataDir: folder.path });
    const { plugin, registry } = loaded;
    const seen: CapabilityDescriptor[] = [];
    await registry.register(watched(plugin, (descriptor) => seen.push(descriptor)));
    const { manifest } = candidate;
    const capabilities = seen.map(described);
    if (flag(args, 'json')) printJson(terminal, { plugin: manifest.plugin, requirements: manifest.requirements ?? null, permissions: manifest.permissions ?? null, capabilities });
    else print(terminal, manifest, capabilities);
    return Exit.DONE;
  },
};

/** For the data of a plugin that is not initialized. */
async function makeTemporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'aisopod-describe-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The plugin, whose registrations are shown to `onCapability` once they are accepted. */
function watched(plugin: Plugin, onCapability: (descriptor: CapabilityDescriptor) => void): Plugin {
  return {
    id: plugin.id,
    meta: plugin.meta,
    ...(plugin.declared !== undefined && { declared: plugin.declared }),
    lifecycle: plugin.lifecycle,
    register: (api) =>
      plugin.register({
        ...api,
        registerCapability(descriptor, backend) {
          api.registerCapability(descriptor, backend);
          onCapability(descriptor);
        },
      }),
    init: (context) => plugin.init(context),
    shutdown: () => plugin.shutdown(),
    [Symbol.asyncDispose]: () => plugin[Symbol.asyncDispose](),
  };
}

function described({ kind, name, description, spec }: CapabilityDescriptor): Described {
  const parts = kind === 'tool' ? { ...readToolSpec(spec) } : (spec ?? {});
  return { kind, name, description, ...Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) };
}

function print(terminal: Terminal, { plugin, requirements, permissions }: Manifest, capabilities: readonly Described[]): void {
  const field = (name: string, value: unknown): void => printField(terminal, name, typeof value === 'string' ? value : jsonText(value));
  const { id, name, version, author, description, license, homepage, repository } = plugin;
  field('plugin', `${name} ${version} (${id}), by ${author}: ${description}`);
  for (const [key, value] of Object.entries({ license, homepage, repository, requirements })) if (value !== undefined) field(key, value);
  for (const line of permissionLines(permissions)) field('permissions', line);
  for (const { kind, name: own, ...more } of capabilities) {
    terminal.out.line(`\n${terminal.out.style('bold', printable(`${kind} ${own}`))}`);
    for (const [key, value] of Object.entries(more)) if (value !== '') printMember(terminal, key, value);
  }
}

/** A schema is printed as it is, indented; everything else as a field. */
function printMember(terminal: Terminal, key: string, value: unknown): void {
  const isSchema = key === 'parameters' || key === 'outputSchema';
  if (!isSchema) return printField(terminal, key, typeof value === 'string' ? value : jsonText(value));
  terminal.out.line(terminal.out.style('dim', key));
  for (const line of jsonText(value, 2).split('\n')) terminal.out.line(`  ${line}`);
}
