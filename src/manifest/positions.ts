/** A position in a file, 1-based. Columns count UTF-16 code units, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * The position of each key and list element of a document. Stored by the containing table or list: joined paths would take
 * quadratic time for thousands of dotted keys.
 */
export class Positions {
  readonly #places = new Map<object, Map<PropertyKey, Position>>();

  /** Keeps the first position of a key: later headers of the same table only reopen it. */
  mark(container: object, key: PropertyKey, position: Position): void {
    const keys = this.#places.get(container) ?? new Map<PropertyKey, Position>();
    if (!keys.has(key)) keys.set(key, position);
    this.#places.set(container, keys);
  }

  at(container: unknown, key: PropertyKey): Position | undefined {
    return this.#places.get(container as object)?.get(key);
  }

  /** The position of `path` in `document`, or of its innermost part that exists. */
  find(document: object, path: readonly PropertyKey[]): Position | undefined {
    let container: unknown = document;
    let position: Position | undefined;
    for (const key of path) {
      position = this.at(container, key) ?? position;
      container = member(container, key);
    }
    return position;
  }
}

/** `container[key]`, or undefined if `container` is not an object. */
export function member(container: unknown, key: PropertyKey): unknown {
  const isHeld = typeof container === 'object' && container !== null && Object.hasOwn(container, key);
  return isHeld ? (container as Record<PropertyKey, unknown>)[key] : undefined;
}

/** The position of the character at `offset`. */
export function positionIn(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}
