import { Extension } from '../abi/constants.js';
import { immortalText, structReader, type Address, type StructProblem } from '../library/index.js';

const reconfigureReader = structReader('aisopod_reconfigure');
const handoverReader = structReader('aisopod_handover');
const names = new Map<string, Address>();

/** The address of the name of an extension. */
export function nameOf(extension: keyof typeof Extension): Address {
  const name = Extension[extension];
  const at = names.get(name) ?? immortalText(name);
  names.set(name, at);
  return at;
}

/** The address of the `reconfigure` function in the struct at `extension`; `undefined` if that is NULL or not a valid struct. */
export function reconfigureIn(extension: number): Address | undefined {
  if (extension === 0 || reconfigureReader.read(extension) !== undefined) return undefined;
  const at = reconfigureReader.pointer('reconfigure');
  return at === 0 ? undefined : at;
}

/** The address of `save` or `restore` in the struct at `extension`, or what is wrong there; `undefined` if `extension` is NULL. */
export function handoverIn(extension: number, member: 'save' | 'restore'): Address | StructProblem | undefined {
  if (extension === 0) return undefined;
  const problem = handoverReader.read(extension);
  if (problem !== undefined) return problem;
  const at = handoverReader.pointer(member);
  return at === 0 ? { member, expected: 'a function', found: 'NULL' } : at;
}
