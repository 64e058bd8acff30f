import type { Invocation } from '../invocation/invocation.js';
import { takeSignalWords, type SignalWords } from '../library/signal-words.js'; // not the index: see native-driver.ts
import type { Answer } from './answer.js';
import type { NativeCapability } from './native-capability.js';

export type FinalAnswer = Exclude<Answer, { kind: 'pending' }>;

/** The driver's data for one invocation. */
export class NativeRun {
  readonly signals: SignalWords = takeSignalWords();
  /** The completion, if it came before `invoke` returned PENDING (rule 15). */
  parked: FinalAnswer | undefined;
  /** Removes it from its queue. Returns whether it was still there. */
  takeBack: (() => boolean) | undefined;

  constructor(readonly capability: NativeCapability) {}
}

export type NativeInvocation = Invocation<NativeRun>;
