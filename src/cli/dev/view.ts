/** What `dev` shows. */
export interface DevState {
  /** What it is doing now: `building`, `loading`, `waiting for a change`. */
  readonly activity: string;
  /** The plugin that runs: id and version. */
  readonly plugin: string | undefined;
  readonly state: string | undefined;
  readonly generation: number | undefined;
  readonly pid: number | undefined;
  readonly tools: readonly string[];
  /** The last build, load or call that failed: what, and the lines to show. Empty if the last one succeeded. */
  readonly error: readonly string[];
  /** The last call and its answer. */
  readonly call: string | undefined;
  readonly answer: string | undefined;
  /** How long it took from the last change to the answer. */
  readonly timing: string | undefined;
}

export const START: DevState = {
  activity: 'starting',
  plugin: undefined,
  state: undefined,
  generation: undefined,
  pid: undefined,
  tools: [],
  error: [],
  call: undefined,
  answer: undefined,
  timing: undefined,
};

/** Where `dev` shows what happens: lines, or a screen. */
export interface DevView {
  /** Something that happened, as one line or more. */
  line(kind: LineKind, text: string | readonly string[]): void;
  /** Called after each change of the state. */
  show(state: DevState): void;
  close(): void;
}

export type LineKind = 'change' | 'build' | 'check' | 'load' | 'state' | 'answer' | 'error' | 'log';
