import type { Buffer } from 'node:buffer';
import type { FitLibrary } from '../../loader/open-plugin.js';
import type { LifecycleStep, NeedOf } from '../../plugin/lifecycle-table.js';
import type { PluginContext, TakenName } from '../../plugin/plugin.js';
import type { Candidate } from '../../scan/index.js';
import { textOf } from '../wire/utf8.js';
import { jsonText } from '../../options/json-text.js';

/** The payload of the request for a step, by `needs` in the row of the step. */
interface StepNeeds {
  /** What the host has checked. */
  readonly library: { readonly candidate: Candidate; readonly library: FitLibrary };
  /** The names that the host would refuse. */
  readonly names: readonly TakenName[];
  readonly config: PluginContext['config'];
  readonly state: Uint8Array;
  readonly nothing: undefined;
}

export type Needed<S extends LifecycleStep> = StepNeeds[NeedOf<S>];

/** As JSON, but for bytes. */
export function encodeNeeded(needed: StepNeeds[keyof StepNeeds]): string | Uint8Array | undefined {
  return needed === undefined || needed instanceof Uint8Array ? needed : jsonText(needed);
}

/** The host is trusted, so what it sends is not checked. */
export const decodeNeeded = <S extends Exclude<LifecycleStep, 'restore'>>(payload: Buffer): Needed<S> => JSON.parse(textOf(payload)) as Needed<S>;
