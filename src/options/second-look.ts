import { clearTimeout, setImmediate, setTimeout } from '../machine/node-timers.js';

const LOOK_MS = 1000;
/** What looks like a lost wake-up must look so a second time: the wake-up may be on its way. */
const CONFIRM_MS = 100;

interface Watched {
  /** Whether anything is still to come. */
  readonly isWaiting: () => boolean;
  /** Changes whenever something has come. */
  readonly progress: () => number;
  /** What can only be so if a wake-up was lost. Changes nothing. */
  readonly problem: () => string | undefined;
  /** Does what a wake-up would do. Harmless if none was lost. */
  readonly recover: () => void;
  /** A wake-up was lost. */
  readonly onLost: (problem: string) => void;
}

/**
 * For a side that sleeps until another thread or process wakes it. If nothing has come for a second although something is to come,
 * it looks by itself: a plugin must not be taken for one that hangs because of a wake-up that was lost. Costs nothing while nothing is
 * to come, and otherwise one timer.
 */
export class SecondLook {
  #timer: NodeJS.Timeout | undefined;
  #seen = 0;
  #suspected = false;
  #isOver = false;

  constructor(private readonly watched: Watched) {}

  /** Something is to come. */
  begin(): void {
    if (this.#timer === undefined) this.#wait(LOOK_MS);
  }

  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #wait(ms: number): void {
    if (this.#isOver) return;
    clearTimeout(this.#timer); // recovering may begin to wait too
    this.#seen = this.watched.progress();
    this.#timer = setTimeout(() => setImmediate(this.#look), ms); // not before what has already arrived was handled
    this.#timer.unref();
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    const { watched } = this;
    if (this.#isOver || !watched.isWaiting()) return;
    const isStill = watched.progress() === this.#seen;
    const problem = isStill ? watched.problem() : undefined;
    const mustConfirm = problem !== undefined && !this.#suspected;
    this.#suspected = mustConfirm;
    if (isStill && !mustConfirm) {
      watched.recover();
      if (problem !== undefined) watched.onLost(problem);
    }
    if (watched.isWaiting()) this.#wait(mustConfirm ? CONFIRM_MS : LOOK_MS);
  };
}
