import { keepAlive } from '../../options/keep-alive.js';
import type { ChildEnd } from './child-end.js';
import { startChild, type ChildStart } from './start-child.js';
import type { SupervisedChild, SupervisedSession } from './supervised-child.js';

/** The supervisor that a child was given to. */
type Owner<S extends SupervisedSession> = Pick<ChildStart<S>, 'pluginIds' | 'onEnd'>;

class Spare<S extends SupervisedSession> {
  owner: Owner<S> | undefined;
  readonly child: Promise<SupervisedChild<S>>;
  #end: ChildEnd | undefined;

  constructor(start: Omit<ChildStart<S>, keyof Owner<S>>) {
    const onEnd = (child: SupervisedChild<S>, end: ChildEnd): void => {
      this.#end = end;
      this.owner?.onEnd(child, end);
    };
    this.child = startChild({ ...start, pluginIds: () => this.owner?.pluginIds() ?? '', onEnd });
    this.child.catch(() => undefined); // `take` reports it
  }

  /** The machine ended it, so that another one may do better. */
  get wasEndedByMachine(): boolean {
    return this.#end?.machine !== undefined;
  }
}

/** Starts children before it is known which plugins run in them: while the host still reads the files of the plugins. */
export class SpareChildren<S extends SupervisedSession> {
  #spares: Spare<S>[] = [];

  constructor(private readonly start: Omit<ChildStart<S>, keyof Owner<S>>) {}

  add(count: number): void {
    if (this.start.settings.limitsOf !== undefined) return; // the limits of its plugin are not known
    while (this.#spares.length < count) this.#spares.push(new Spare(this.start));
  }

  /** Returns `undefined` if there is none, or it has ended. Rejects if it could not start for a reason that would stop another one too. */
  async take(owner: Owner<S>): Promise<SupervisedChild<S> | undefined> {
    const spare = this.#spares.shift();
    if (spare === undefined) return undefined;
    spare.owner = owner;
    try {
      const child = await spare.child;
      return child.isGone ? undefined : child;
    } catch (error) {
      if (spare.wasEndedByMachine) return undefined;
      throw error;
    }
  }

  /** Ends those that nobody took. They have run no plugin, so they are killed at once. Keeps the host's process alive: children do not. */
  async end(): Promise<void> {
    const release = keepAlive();
    await Promise.all(this.#spares.splice(0).map(endSpare));
    release();
  }
}

async function endSpare<S extends SupervisedSession>(spare: Spare<S>): Promise<void> {
  const child = await spare.child.catch(() => undefined);
  child?.kill('was not needed');
  await child?.ended;
}
