import { CAPABILITY_KINDS, CapabilityFlag, MAX_DESCRIPTION, MAX_NAME, MAX_SPEC, MAX_SPEC_DEPTH, kindOf } from '../abi/constants.js';
import type { CapabilityDescriptor } from '../capability/descriptor.js';
import { isDeeper } from '../capability/json-depth.js';
import { messageOf } from '../errors/index.js';
import {
  bind,
  readTerminated,
  structReader,
  type Address,
  type Bound,
  type Opaque,
  type StructProblem,
} from '../library/index.js';
import { hasOwn } from '../options/own-member.js';

/** A registered capability of a native plugin: its description and its functions. */
export interface NativeCapability {
  readonly descriptor: CapabilityDescriptor;
  readonly isInline: boolean;
  readonly data: Opaque;
  readonly invoke: Bound<'call'>;
  readonly invokeAt: Address;
  readonly cancel: Bound<'cancel'> | undefined;
  readonly cancelAt: Address;
}

const reader = structReader('aisopod_capability');

/** What is wrong with a registration. `kind` and `capabilityName` are placeholders if they could not be read. */
export interface BadCapability extends StructProblem {
  readonly kind: string;
  readonly capabilityName: string;
}

/** Reads the `aisopod_capability` at `address`, and copies its texts. */
export function readCapability(address: number): NativeCapability | BadCapability {
  const struct = reader.read(address);
  if (struct !== undefined) return { kind: 'capability', capabilityName: '?', ...struct };
  const number = reader.u32('kind');
  const kind = kindOf(number);
  const pointers = {
    name: reader.pointer('name'),
    description: reader.pointer('description'),
    spec: reader.pointer('spec'),
    data: reader.opaque('data'),
    invoke: reader.pointer('invoke'),
    cancel: reader.pointer('cancel'),
  };
  const isInline = (reader.u32('flags') & CapabilityFlag.INLINE) !== 0;
  const name = readText(pointers.name, MAX_NAME);
  const bad = (member: string, expected: string, found: string): BadCapability => ({
    kind: kind ?? 'capability',
    capabilityName: name ?? '?',
    member,
    expected,
    found,
  });
  if (kind === undefined) return bad('kind', `1 to ${CAPABILITY_KINDS.length}`, String(number));
  if (pointers.name === 0) return bad('name', 'a name', 'NULL');
  if (name === undefined) return bad('name', `UTF-8 of at most ${MAX_NAME} bytes`, 'something else');
  const description = pointers.description === 0 ? '' : readText(pointers.description, MAX_DESCRIPTION);
  if (description === undefined) return bad('description', `UTF-8 of at most ${MAX_DESCRIPTION} bytes`, 'something else');
  if (pointers.invoke === 0) return bad('invoke', 'a function', 'NULL');
  const spec = readSpec(pointers.spec);
  if (hasOwn(spec, 'problem')) return bad('spec', `JSON of at most ${MAX_SPEC} bytes`, spec.problem);
  return {
    descriptor: { kind, name, description, spec: spec.value },
    isInline,
    data: pointers.data,
    invoke: bind('call', pointers.invoke),
    invokeAt: pointers.invoke,
    cancelAt: pointers.cancel,
    cancel: pointers.cancel === 0 ? undefined : bind('cancel', pointers.cancel),
  };
}

export const isBadCapability = (read: NativeCapability | BadCapability): read is BadCapability => hasOwn(read, 'member');

/** A NUL-terminated UTF-8 text of at most `limit` bytes, or `undefined`. */
export function readText(at: Address, limit: number): string | undefined {
  return at === 0 ? undefined : readTerminated(at, limit);
}

function readSpec(at: Address): { readonly value: unknown } | { readonly problem: string } {
  if (at === 0) return { value: undefined };
  const text = readText(at, MAX_SPEC);
  if (text === undefined) return { problem: 'other bytes, or more of them' };
  try {
    const value = JSON.parse(text) as unknown;
    return isDeeper(value, MAX_SPEC_DEPTH) ? { problem: `it is nested too deep: more than ${MAX_SPEC_DEPTH} times` } : { value };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
