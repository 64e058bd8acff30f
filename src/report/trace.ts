import { asPluginError, type ErrorCode, type PluginError, type Step } from '../errors/index.js';
import { monotonicNow } from '../machine/node-timers.js';

/** One check or action in a plugin's life, and its result. */
export interface TraceEntry {
  readonly step: Step;
  /** The check or action: `host version`, `opened the library` … */
  readonly check: string;
  /** `refused`: the plugin is not loaded. `noted`: information only. */
  readonly decision: 'passed' | 'refused' | 'noted';
  readonly expected?: string;
  readonly found?: string;
  /** Set for a refusal. */
  readonly code?: ErrorCode;
  readonly hint?: string;
  readonly durationMs: number;
}

/** Begins the name of an entry that is a warning. */
export const WARNING_PREFIX = 'warning: ';

/** The warnings among the entries, as text. */
export const warningsIn = (entries: readonly TraceEntry[]): readonly string[] =>
  entries.filter(({ check }) => check.startsWith(WARNING_PREFIX)).map(({ check, found = '' }) => `${check.slice(WARNING_PREFIX.length)}: ${found}`);

/** The details of a check that passed. */
export interface Finding {
  readonly expected?: string;
  readonly found?: string;
}

export type Watch = <T>(step: Step, run: () => T | Promise<T>) => T | Promise<T>;

/** The ordered record of a plugin's checks and steps, which `explain` shows. */
export class Trace {
  readonly #entries: TraceEntry[] = [];

  /**
   * `watch` wraps each step, for example to write a crash marker. `onEntry` receives each entry, for example to send it to
   * another process.
   */
  constructor(
    private readonly watch: Watch = (_step, run) => run(),
    private readonly onEntry: (entry: TraceEntry) => void = () => undefined,
  ) {}

  get entries(): readonly TraceEntry[] {
    return this.#entries;
  }

  /** Runs one step and records whether it passed or was refused. Rethrows what it throws. */
  async check<T>(step: Step, check: string, run: () => T | Promise<T>, show?: (result: T) => Finding): Promise<T> {
    const start = monotonicNow();
    try {
      const result = await this.watch(step, run);
      this.add({ step, check, decision: 'passed', ...show?.(result), durationMs: monotonicNow() - start });
      return result;
    } catch (error) {
      this.#refuse(step, check, error, monotonicNow() - start);
      throw error;
    }
  }

  /** Adds an entry that was recorded elsewhere. */
  add(entry: TraceEntry): void {
    this.#entries.push(entry);
    this.onEntry(entry);
  }

  /** Adds information that refuses nothing. */
  note(step: Step, check: string, found: string): void {
    this.add({ step, check, decision: 'noted', found, durationMs: 0 });
  }

  /** Adds a refusal that was decided elsewhere, for example by the scan. */
  refuse(step: Step, check: string, error: unknown): void {
    this.#refuse(step, check, error, 0);
  }

  #refuse(step: Step, check: string, error: unknown, durationMs: number): void {
    const typed = asPluginError(error, { step });
    const { code, hint } = typed;
    this.add({ step: typed.step, check, decision: 'refused', ...findingOf(typed), code, hint, durationMs });
  }
}

/** The `expected` and `found` of an error, or its message as `found` if it has none. */
function findingOf(error: PluginError): Finding {
  if (!('expected' in error) || !('found' in error) || !Object.hasOwn(error, 'expected')) return { found: error.message };
  return { expected: asText(error.expected), found: asText(error.found) };
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
