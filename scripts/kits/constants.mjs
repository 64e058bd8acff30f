/** The constants of the header, from the tables of src/abi: [prefix, name, value, type]. */
import { CAPABILITY_KINDS, CapabilityFlag, Extension, Format, LOG_LEVELS, MAX_DESCRIPTION, MAX_NAME, MAX_NESTING, MAX_SPEC, MAX_STATE, PluginFlag, TAGS } from '../../src/abi/constants.ts';
import { HEADER_VERSION } from '../../src/abi/header-sizes.ts';
import { Status } from '../../src/abi/status.ts';
import { ABI_VERSION } from '../../src/abi/version.ts';

const numbered = (prefix, names, first) => names.map((name, index) => [`${prefix}_${name.toUpperCase()}`, index + first, 'u32']);
const entries = (prefix, table, type) => Object.entries(table).map(([name, value]) => [`${prefix}${name}`, value, type]);

export const CONSTANTS = [
  ['ABI_VERSION', ABI_VERSION, 'u32'],
  ['HEADER_VERSION', HEADER_VERSION, 'u32'],
  ['NOTE_MAGIC', 0x4f534941, 'u32'],
  ['MAX_NAME', MAX_NAME, 'u32'],
  ['MAX_DESCRIPTION', MAX_DESCRIPTION, 'u32'],
  ['MAX_SPEC', MAX_SPEC, 'u32'],
  ['MAX_NESTING', MAX_NESTING, 'u32'],
  ['MAX_STATE', MAX_STATE, 'u32'],
  ...Object.entries(Status).map(([name, value]) => [value > 0 ? name : `E_${name}`, value, 'i32']),
  ...numbered('KIND', CAPABILITY_KINDS, 1),
  ...entries('FORMAT_', Format, 'u32'),
  ...numbered('TAG', TAGS, 0),
  ...numbered('LOG', LOG_LEVELS, 1),
  ...entries('PLUGIN_', PluginFlag, 'u32'),
  ...entries('CAPABILITY_', CapabilityFlag, 'u32'),
];

export const EXTENSIONS = Object.entries(Extension).map(([name, id]) => [`EXTENSION_${name}`, id]);
