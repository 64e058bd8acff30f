import { CAPABILITY_KINDS, type CapabilityKind } from '../../abi/constants.js';
import type { HandleTarget } from '../handle.js';
import type { Offer } from '../js/offer.js';
import type { CapabilityContext, Kind } from '../kind.js';
import { channel } from './channel.js';
import { command } from './command.js';
import { hook } from './hook.js';
import { provider } from './provider.js';
import { tool } from './tool.js';

const TABLE = { tool, command, hook, channel, provider } as const satisfies { readonly [K in CapabilityKind]: KindOf<K> };
type Table = typeof TABLE;

/** A kind with its types erased. Callers pass a row only values that come from the same row. */
type AnyKind = Kind<unknown, never>;
type KindOf<K extends CapabilityKind> = AnyKind & { readonly kind: K };

/** The kinds of capability, one row each. */
export const KINDS: Readonly<Record<CapabilityKind, AnyKind>> = TABLE;

/** What a host gets for each kind. */
export type CapabilityHandles = { readonly [K in CapabilityKind]: ReturnType<Table[K]['makeCapability']> };

/** The lists `tools`, `commands` … */
export type CapabilityLists = { readonly [K in CapabilityKind as `${K}s`]: readonly CapabilityHandles[K][] };

/** Kinds whose names are unique: only one plugin can have a name. */
export type UniqueKind = { [K in CapabilityKind]: Table[K] extends { readonly isShared: true } ? never : K }[CapabilityKind];

/** Kinds that plugins may call if the host allows it. Commands are for people, and hooks are for the host. */
export type CallableKind = { [K in CapabilityKind]: Table[K] extends { readonly pluginsMayCall: boolean } ? K : never }[CapabilityKind];

export const isCallable = (kind: CapabilityKind): kind is CallableKind => KINDS[kind].pluginsMayCall !== undefined;

/** The index of a method in the `methods` of its kind, or -1. */
export const methodIndex = (kind: CapabilityKind, method: string): number => KINDS[kind].methods.indexOf(method);

/** The method with this index, or '' if there is none. */
export const methodAt = (kind: CapabilityKind, index: number): string => KINDS[kind].methods[index] ?? '';

/** The functions `registerTool`, `registerCommand` …, which a JavaScript plugin uses. */
export type Registrars = { [K in CapabilityKind as `register${Capitalize<K>}`]: (definition: Parameters<Table[K]['offer']>[0]) => void };

/** Makes these functions; each passes its definition, converted, to `register`. */
export function registrars(register: (offer: Offer) => void): Registrars {
  const entries = CAPABILITY_KINDS.map((kind) => [
    `register${kind.charAt(0).toUpperCase()}${kind.slice(1)}`,
    (definition: never) => register(KINDS[kind].offer(definition)),
  ]);
  return Object.fromEntries(entries) as Registrars;
}

/** @throws Error if the descriptor's spec does not fit its kind */
export function makeCapability(context: CapabilityContext): CapabilityHandles[CapabilityKind] {
  return TABLE[context.descriptor.kind].makeCapability(context);
}

export const makeHandle = <K extends CapabilityKind>(kind: K, target: HandleTarget<CapabilityHandles[K]>): CapabilityHandles[K] => KINDS[kind].makeHandle(target) as CapabilityHandles[K];
