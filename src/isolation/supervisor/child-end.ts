import type { ProcessEnd } from '../../errors/index.js';

/** What the host asked for, and of which plugin. */
export interface AskedFor {
  /** `load`, `init`, `tool forecast` …, or `idle`. */
  readonly during: string;
  /** Absent where it was nothing. */
  readonly suspect?: string;
}

/** What is said where nothing was asked for. */
export const IDLE: AskedFor = { during: 'idle' };

/** How and when a child ended. */
export interface ChildEnd extends ProcessEnd, AskedFor {}

/** Whether what a request was rejected with is the end of its child. */
export const isChildEnd = (thrown: unknown): thrown is ChildEnd =>
  typeof thrown === 'object' && thrown !== null && 'exitCode' in thrown && 'during' in thrown;
