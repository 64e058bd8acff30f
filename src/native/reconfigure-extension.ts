import { Extension } from '../abi/constants.js';
import { bind, immortalText, structReader, type Address, type Bound } from '../library/index.js';

const reader = structReader('aisopod_reconfigure');
let name: Address | undefined;

/** The extension's name, which native code gets a pointer to. */
export const reconfigureName = (): Address => (name ??= immortalText(Extension.RECONFIGURE));

/** The `reconfigure` in what `get_extension` returned; undefined where that is NULL, or no such struct. */
export function bindReconfigure(extension: number): Bound<'call'> | undefined {
  if (extension === 0 || reader.read(extension) !== undefined) return undefined;
  const at = reader.pointer('reconfigure');
  return at === 0 ? undefined : bind('call', at);
}
