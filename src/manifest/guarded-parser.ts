import TOMLParser, { type Assignment } from '@iarna/toml/lib/toml-parser.js';
import type { ManifestProblem } from '../errors/index.js';
import { keyPath, quote } from './describe.js';
import { member, Positions, type Position } from './positions.js';

/** The text is not TOML, or has a forbidden key. Internal: callers turn it into a LoadError. */
export class TomlError extends Error {
  constructor(readonly problem: ManifestProblem, options?: ErrorOptions) {
    super(problem.message, options);
  }
}

interface PlacedAssignment extends Assignment {
  places: Position[];
}

/**
 * The TOML parser with protection against prototype pollution, and with positions. The parser looks up the file's keys
 * in plain objects, so `[constructor]` would write to `Object` itself. Therefore `#guard` checks every decoded key before
 * the parser uses it. The record… methods also store the position of each key.
 */
export class GuardedParser extends TOMLParser {
  readonly positions = new Positions();
  #keyStart: Position = { line: 1, column: 1 };
  #header: string[] = [];
  /** Positions of the parts of a dotted key, and of a list's last value. Stored by parser state, since keys and values nest. */
  readonly #keyPlaces = new WeakMap<object, Position[]>();
  readonly #valueStart = new WeakMap<object, Position>();

  /** The parser's `col` starts at 1 in the first line and at 0 in all others. */
  position(): Position {
    return { line: this.line + 1, column: this.line === 0 ? this.col : this.col + 1 };
  }

  #guard(key: string): void {
    if (!(key in Object.prototype)) return;
    throw new TomlError({
      key: this.#path([key]),
      ...this.#keyStart,
      message: 'the key is not allowed',
      expected: 'a name that is not a property of every JavaScript object',
      found: quote(key),
    });
  }

  /** The table header, the keys of the enclosing inline tables, then `parts`. */
  #path(parts: readonly string[]): string {
    const around = [...this.stack, this.state].flatMap(({ resultTable }) => (Array.isArray(resultTable) ? (resultTable as string[]) : []));
    return keyPath([...this.#header, ...around, ...parts]);
  }

  protected override parseKeyword(): unknown {
    this.#keyStart = this.position();
    return super.parseKeyword();
  }

  protected override parseTable(): unknown {
    this.#header = [];
    return super.parseTable();
  }

  protected override parseList(): unknown {
    this.#header = [];
    return super.parseList();
  }

  protected override parseTableMore(key: string): unknown {
    return this.#enter(key, () => super.parseTableMore(key));
  }

  protected override parseListMore(key: string): unknown {
    return this.#enter(key, () => super.parseListMore(key));
  }

  #enter(key: string, enter: () => unknown): unknown {
    this.#guard(key);
    const container = this.ctx;
    const result = enter();
    // If spaces follow the key, the parser calls this again before it enters the table.
    if (this.ctx === container) return result;
    this.positions.mark(container, key, this.#keyStart);
    this.#header.push(key);
    return result;
  }

  protected override recordAssignKeyword(key: string): unknown {
    this.#guard(key);
    const places = this.#keyPlaces.get(this.state) ?? [];
    places.push(this.#keyStart);
    this.#keyPlaces.set(this.state, places);
    return super.recordAssignKeyword(key);
  }

  protected override recordAssignValue(value: unknown): unknown {
    const assignment = { key: this.state.resultTable, value, places: this.#keyPlaces.get(this.state) };
    return this.returnNow(assignment);
  }

  protected override recordAssignStatement(assignment: PlacedAssignment): unknown {
    return this.#assign(this.ctx, assignment, () => super.recordAssignStatement(assignment));
  }

  protected override recordInlineTableValue(assignment: PlacedAssignment): unknown {
    const table = this.state.resultTable as object;
    return this.#assign(table, assignment, () => super.recordInlineTableValue(assignment));
  }

  /** Copies the key first, because `assign` empties it. */
  #assign(table: object, { key, places }: PlacedAssignment, assign: () => unknown): unknown {
    const parts = [...key];
    this.#refuseDuplicate(table, parts, places);
    const result = assign();
    let container: unknown = table;
    for (const [index, part] of parts.entries()) {
      this.positions.mark(container as object, part, places[index] ?? this.#keyStart);
      container = member(container, part);
    }
    return result;
  }

  /** The parser refuses duplicate keys too, but reports the end of the value and does not name the key. */
  #refuseDuplicate(table: object, parts: readonly string[], places: readonly Position[]): void {
    const container = parts.slice(0, -1).reduce<unknown>(member, table);
    const key = parts.at(-1) ?? '';
    const first = this.positions.at(container, key);
    if (first === undefined) return;
    throw new TomlError({
      key: this.#path(parts),
      ...(places.at(-1) ?? this.#keyStart),
      message: `the key is already defined in line ${first.line}`,
      expected: 'each key once',
      found: `${quote(key)} again`,
    });
  }

  protected override parseValue(): unknown {
    const owner = this.stack.at(-1);
    if (owner !== undefined) this.#valueStart.set(owner, this.position());
    return super.parseValue();
  }

  protected override recordInlineListValue(value: unknown): unknown {
    // The closing bracket may end this state during the call, so read it before.
    const { state } = this;
    const result = super.recordInlineListValue(value);
    const list = state.resultArr ?? [];
    this.positions.mark(list, list.length - 1, this.#valueStart.get(state) ?? this.position());
    return result;
  }
}
