import { join } from 'node:path';
import { SUPPORTED_ABI, abiRangeText, speaksAbi } from '../../../abi/version.js';
import { PluginError } from '../../../errors/index.js';
import { configReader } from '../../../host/plugin-config.js';
import { MANIFEST_FILENAME } from '../../../manifest/index.js';
import { messageLines } from '../../message-lines.js';
import { error, warning, type StaticCheck } from '../check.js';
import { ofPlugin } from './rows.js';

const valid = ofPlugin(
  {
    id: 'manifest-valid',
    source: 'manifest',
    title: 'The manifest can be read and every key in it is valid',
    breaks: 'A host refuses the plugin folder, whatever the library does.',
  },
  ({ manifestError }) => {
    if (manifestError === undefined) return [];
    const [message = '', ...details] = messageLines(manifestError);
    return [error(message, details.length === 0 ? undefined : details.join('\n'))];
  },
);

const configSchema = ofPlugin(
  {
    id: 'config-schema-valid',
    source: 'manifest',
    title: 'The configuration schema is in the plugin folder and is a JSON Schema',
    breaks: 'A host refuses the plugin: it cannot check a configuration.',
  },
  async ({ folder, manifest }) => {
    if (manifest === undefined) return [];
    try {
      await configReader({ id: manifest.plugin.id, path: folder, manifestPath: join(folder, MANIFEST_FILENAME), manifest });
      return [];
    } catch (cause) {
      if (!(cause instanceof PluginError)) throw cause;
      return [error(cause.message)];
    }
  },
);

const abi = ofPlugin(
  {
    id: 'manifest-abi-supported',
    source: 'manifest',
    title: 'Hosts support the ABI version in the manifest',
    breaks: 'Every host refuses the plugin by its manifest.',
  },
  ({ manifest }) => {
    const found = manifest?.compatibility.abi;
    if (found === undefined || speaksAbi(found)) return [];
    return [error(`The manifest says ABI version ${found}; hosts support ${abiRangeText(SUPPORTED_ABI)}.`)];
  },
);

const offersSomething = ofPlugin(
  {
    id: 'manifest-declares-capabilities',
    source: 'manifest',
    title: 'The manifest declares at least one capability',
    breaks: 'Everything that the plugin registers is refused, because only what the manifest declares may be registered.',
  },
  ({ manifest }) => {
    if (manifest === undefined || Object.values(manifest.capabilities).some((names) => names.length > 0)) return [];
    return [warning('The manifest declares no tool, command, hook, channel or provider: write their names under [capabilities].')];
  },
);

const toolNames = ofPlugin(
  {
    id: 'tool-names-distinct',
    source: 'manifest',
    title: 'Tool names differ in more than case',
    breaks: 'Language models confuse tools whose names differ in case only, and some services refuse them.',
  },
  ({ manifest }) => {
    const names = manifest?.capabilities.tools ?? [];
    const doubles = names.filter((name, index) => names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) !== index);
    return doubles.map((name) => warning(`The tool ${name} has the name of another tool, in other case.`));
  },
);

const entryPoint = ofPlugin(
  {
    id: 'entry-point-bare',
    source: 'manifest',
    title: 'entry_point is the bare name of the library, without lib, .so, .dylib or .dll',
    breaks: 'The file name that a host makes of it differs from the one that authors expect, so the library is not found on other systems.',
  },
  ({ manifest }) => {
    const name = manifest?.plugin.entryPoint ?? '';
    if (!/^lib.|\.(?:so|dylib|dll)$/i.test(name)) return [];
    const bare = name.replace(/^lib/, '').replace(/\.(?:so|dylib|dll)$/i, '');
    return [warning(`entry_point is "${name}", so the file on Linux is lib${name}.so. Did you mean "${bare}"?`)];
  },
);

export const MANIFEST_CHECKS: readonly StaticCheck[] = [valid, configSchema, abi, offersSomething, toolNames, entryPoint];
