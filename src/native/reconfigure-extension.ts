import { Extension } from '../abi/constants.js';
import { immortalText, structReader, type Address } from '../library/index.js';

const reader = structReader('aisopod_reconfigure');
let name: Address | undefined;

/** The address of the extension's name. */
export const reconfigureName = (): Address => (name ??= immortalText(Extension.RECONFIGURE));

/** The address of the `reconfigure` function in the struct at `extension`; `undefined` if that is NULL or not a valid struct. */
export function reconfigureIn(extension: number): Address | undefined {
  if (extension === 0 || reader.read(extension) !== undefined) return undefined;
  const at = reader.pointer('reconfigure');
  return at === 0 ? undefined : at;
}
