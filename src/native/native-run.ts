import type { Invocation } from '../invocation/invocation.js';
import { takeSignalWords, type SignalWords } from '../library/signal-words.js'; // not the index: see native-driver.ts
import type { Answer } from './answer.js';
import type { NativeCapability } from './native-capability.js';

export type FinalAnswer = Exclude<Answer, { kind: 'pending' }>;

/** What is kept of each invocation while native code may be at it. */
export class NativeRun {
  readonly signals: SignalWords = takeSignalWords();
  /** A completion that came before `invoke` had returned PENDING (rule 15). */
  parked: FinalAnswer | undefined;
  /** Takes it out of the queue of a lane; says whether it was still there. */
  takeBack: (() => boolean) | undefined;

  constructor(readonly capability: NativeCapability) {}
}

export type NativeInvocation = Invocation<NativeRun>;
