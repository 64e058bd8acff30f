import * as z from 'zod';
import type { PermissionKey } from '../report/permissions.js';
import { manifestSchema } from './schema.js';

const PERMISSIONS: Readonly<Record<PermissionKey, string>> = {
  read: 'Files and folders that it reads.',
  write: 'Files and folders that it writes.',
  connect: 'Hosts and ports that it connects to.',
  listen: 'Ports that it listens on.',
  run: 'Programs that it runs.',
  env: 'Environment variables that it reads.',
  call: 'Capabilities of other plugins that it calls.',
};

const permissionsAt = (path: string) => Object.fromEntries(Object.entries(PERMISSIONS).map(([key, meaning]) => [`${path}.${key}`, meaning]));

/** What each table and key is for, by its path. The rules for values come from the schema itself. */
const MEANINGS: Readonly<Record<string, string>> = {
  plugin: 'What the plugin is. Required.',
  'plugin.id': 'The id, which the library says too',
  'plugin.name': 'The name, for people',
  'plugin.version': "The plugin's own version",
  'plugin.description': 'What it does, for people',
  'plugin.author': 'Who made it',
  'plugin.entry_point': 'The library: weather is libweather.so on Linux, libweather.dylib on macOS, weather.dll on Windows',
  'plugin.license': 'The licence, such as an SPDX expression',
  'plugin.repository': 'Where the source is',
  'plugin.homepage': 'Where people read about it',
  'plugin.keywords': 'Words by which people find it.',
  capabilities: 'What the plugin may register. Anything else is refused.',
  'capabilities.tools': 'Tools, which language models call.',
  'capabilities.commands': 'Commands, which people run.',
  'capabilities.hooks': 'Hooks that it handles.',
  'capabilities.channels': 'Channels, which send and receive messages.',
  'capabilities.providers': 'Providers of models.',
  compatibility: 'Which hosts can load the plugin.',
  'compatibility.min_host_version': 'The oldest host, inclusive',
  'compatibility.max_host_version': 'The newest host, inclusive',
  'compatibility.abi': 'The ABI version that the library is built for: lets a host refuse it without reading the library.',
  config: 'The configuration of the plugin.',
  'config.schema': 'The JSON Schema of the configuration',
  requirements: 'What the plugin needs on the machine.',
  'requirements.env': 'Environment variables without which the plugin is refused.',
  'requirements.programs': 'Programs on the PATH without which the plugin is refused.',
  'requirements.optional_env': 'Environment variables that it can do without, each with what will not work then.',
  'requirements.optional_programs': 'Programs that it can do without, each with what will not work then.',
  permissions: 'What the plugin asks to reach.',
  'permissions.optional': 'The same for what it can do without.',
  ...permissionsAt('permissions'),
  ...permissionsAt('permissions.optional'),
};

interface SchemaNode {
  description?: string;
  readonly properties?: Record<string, SchemaNode>;
}

function describe(node: SchemaNode, path: string): void {
  const meaning = MEANINGS[path];
  if (meaning !== undefined) node.description = node.description === undefined ? meaning : `${meaning}. Format: ${node.description}`;
  for (const [key, inner] of Object.entries(node.properties ?? {})) describe(inner, path === '' ? key : `${path}.${key}`);
}

/**
 * A pattern that every engine of editors knows, not only JavaScript's: Rust's (Taplo) has neither `[^]` nor surrogates, and no TOML file
 * can hold a surrogate.
 */
const portable = (pattern: string): string => pattern.replaceAll('[^]', '[\\s\\S]').replaceAll('\\p{Cs}', '');

/**
 * The JSON Schema (draft 2020-12) of `aisopod.plugin.toml`, for editors and other tools.
 * It has all rules for single values, but cannot express that `min_host_version` is not above `max_host_version`.
 */
export function manifestJsonSchema(): Record<string, unknown> {
  const reviver = (key: string, value: unknown): unknown => (key === 'pattern' && typeof value === 'string' ? portable(value) : value);
  const schema = JSON.parse(JSON.stringify(z.toJSONSchema(manifestSchema, { io: 'input' })), reviver) as SchemaNode;
  describe(schema, '');
  return { ...schema, title: 'aisopod.plugin.toml' };
}
