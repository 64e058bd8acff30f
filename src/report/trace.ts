import { asPluginError, type ErrorCode, type PluginError, type Step } from '../errors/index.js';
import { monotonicNow } from '../machine/node-timers.js';

/** One thing that was checked or done on a plugin's way, and what came of it. */
export interface TraceEntry {
  readonly step: Step;
  /** What was checked or done: `host version`, `opened the library` … */
  readonly check: string;
  /** `refused` ends the plugin's way; `noted` is worth knowing and stops nothing. */
  readonly decision: 'passed' | 'refused' | 'noted';
  readonly expected?: string;
  readonly found?: string;
  /** Of a refusal. */
  readonly code?: ErrorCode;
  readonly hint?: string;
  readonly durationMs: number;
}

/** What a passed check has to show. */
export interface Finding {
  readonly expected?: string;
  readonly found?: string;
}

export type Watch = <T>(step: Step, run: () => T | Promise<T>) => T | Promise<T>;

/** The ordered record of a plugin's way: what `explain` shows. */
export class Trace {
  readonly #entries: TraceEntry[] = [];

  /**
   * `watch` runs around each step, such as to leave word of which one was under way when the process died. `onEntry` gets
   * each entry, such as to send it elsewhere.
   */
  constructor(
    private readonly watch: Watch = (_step, run) => run(),
    private readonly onEntry: (entry: TraceEntry) => void = () => undefined,
  ) {}

  get entries(): readonly TraceEntry[] {
    return this.#entries;
  }

  /** Runs one step and records it, passed or refused. What it throws goes on to the caller. */
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

  /** What was recorded elsewhere. */
  add(entry: TraceEntry): void {
    this.#entries.push(entry);
    this.onEntry(entry);
  }

  /** Something worth knowing that stops nothing. */
  note(step: Step, check: string, found: string): void {
    this.add({ step, check, decision: 'noted', found, durationMs: 0 });
  }

  /** A refusal that was decided elsewhere, such as by the scan. */
  refuse(step: Step, check: string, error: unknown): void {
    this.#refuse(step, check, error, 0);
  }

  #refuse(step: Step, check: string, error: unknown, durationMs: number): void {
    const typed = asPluginError(error, { step });
    const { code, hint } = typed;
    this.add({ step: typed.step, check, decision: 'refused', ...findingOf(typed), code, hint, durationMs });
  }
}

/** The expected and found of an error that has them; else its message is what was found. */
function findingOf(error: PluginError): Finding {
  if (!('expected' in error) || !('found' in error)) return { found: error.message };
  return { expected: asText(error.expected), found: asText(error.found) };
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
