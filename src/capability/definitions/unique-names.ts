/** OpenAI's limit. The others allow more. */
const MAX_LENGTH = 64;
/** What all of these APIs allow. */
const ILLEGAL = /[^A-Za-z0-9_-]/g;

/** Makes names legal for models, and unique among themselves and those that are taken. Remembers each one. */
export class UniqueNames {
  readonly #taken: Set<string>;

  constructor(taken: readonly string[] = []) {
    this.#taken = new Set(taken);
  }

  /** The name itself if it is legal and free, or else a similar one. */
  make(wanted: string): string {
    const legal = wanted.replace(ILLEGAL, '_').slice(0, MAX_LENGTH);
    let name = legal;
    for (let number = 2; this.#taken.has(name); number++) {
      const suffix = `_${number}`;
      name = `${legal.slice(0, MAX_LENGTH - suffix.length)}${suffix}`;
    }
    this.#taken.add(name);
    return name;
  }
}
