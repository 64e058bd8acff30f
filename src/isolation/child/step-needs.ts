import type { FitLibrary } from '../../loader/open-plugin.js';
import type { LifecycleStep, NeedOf } from '../../plugin/lifecycle-table.js';
import type { PluginContext, TakenName } from '../../plugin/plugin.js';
import type { Candidate } from '../../scan/index.js';

/** The payload of the request for a step, by `needs` in the row of the step. */
interface StepNeeds {
  /** What the host has checked. */
  readonly library: { readonly candidate: Candidate; readonly library: FitLibrary };
  /** The names that the host would refuse. */
  readonly names: readonly TakenName[];
  readonly config: PluginContext['config'];
  readonly nothing: undefined;
}

export type Needed<S extends LifecycleStep> = StepNeeds[NeedOf<S>];

export const encodeNeeded = (needed: StepNeeds[keyof StepNeeds]): string | undefined => (needed === undefined ? undefined : JSON.stringify(needed));

/** The host is trusted, so what it sends is not checked. */
export const decodeNeeded = <S extends LifecycleStep>(payload: string): Needed<S> => JSON.parse(payload) as Needed<S>;
