import { MAX_DESCRIPTION, PluginFlag } from '../abi/constants.js';
import { structReader, type Address, type Opaque, type StructProblem } from '../library/index.js';
import { readText } from './native-capability.js';

/** The `aisopod_plugin` that create returned, read and checked. */
export interface Vtable {
  readonly address: Address;
  readonly self: Opaque;
  readonly id: string;
  readonly isThreadSafe: boolean;
  readonly wantsOneThread: boolean;
  /** From the library. Hosts see the version in the manifest. */
  readonly version: string | undefined;
  readonly register: Address;
  readonly init: Address;
  readonly shutdown: Address;
  readonly getExtension: Address | undefined;
}

/** Longer than any id that the manifest allows, so that a longer one in a later version can be read. */
const MAX_ID = 256;

const pluginReader = structReader('aisopod_plugin');
const metaReader = structReader('aisopod_meta');

export const isVtable = (read: Vtable | StructProblem): read is Vtable => 'register' in read;

/** Reads and checks what create returned (rule 6): struct, required functions, id, meta. */
export function readVtable(address: Address): Vtable | StructProblem {
  const problem = pluginReader.read(address);
  if (problem !== undefined) return problem;
  const flags = pluginReader.u32('flags');
  const self = pluginReader.opaque('self');
  const at = {
    id: pluginReader.pointer('id'),
    meta: pluginReader.pointer('meta'),
    register_capabilities: pluginReader.pointer('register_capabilities'),
    init: pluginReader.pointer('init'),
    shutdown: pluginReader.pointer('shutdown'),
    getExtension: pluginReader.pointer('get_extension'),
  };
  for (const member of ['register_capabilities', 'init', 'shutdown'] as const) {
    if (at[member] === 0) return { member, expected: 'a function', found: 'NULL' };
  }
  const id = readText(at.id, MAX_ID);
  if (id === undefined) {
    const found = at.id === 0 ? 'NULL' : 'invalid UTF-8, or no NUL within that length';
    return { member: 'id', expected: `NUL-terminated UTF-8 of at most ${MAX_ID} bytes`, found };
  }
  const meta = readMeta(at.meta);
  if (typeof meta === 'object') return meta;
  return {
    address,
    self,
    id,
    isThreadSafe: (flags & PluginFlag.THREAD_SAFE) !== 0,
    wantsOneThread: (flags & PluginFlag.ONE_THREAD) !== 0,
    version: meta,
    register: at.register_capabilities,
    init: at.init,
    shutdown: at.shutdown,
    getExtension: at.getExtension === 0 ? undefined : at.getExtension,
  };
}

/** Checks every text in `aisopod_meta`, and returns the version. */
function readMeta(address: Address): string | undefined | StructProblem {
  if (address === 0) return undefined;
  const problem = metaReader.read(address);
  if (problem !== undefined) return { ...problem, member: `meta.${problem.member}` };
  const texts = (['name', 'version', 'description', 'author'] as const).map((member) => ({
    member,
    at: metaReader.pointer(member),
  }));
  let version: string | undefined;
  for (const { member, at } of texts) {
    const text = readText(at, MAX_DESCRIPTION);
    if (at !== 0 && text === undefined) {
      return { member: `meta.${member}`, expected: `UTF-8 of at most ${MAX_DESCRIPTION} bytes`, found: 'something else' };
    }
    if (member === 'version') version = text;
  }
  return version;
}
