import { keepAlive } from '../../options/keep-alive.js';
import type { ChildEnd } from './child-end.js';
import type { ChildSandbox } from './child-sandbox.js';
import { startChild, type ChildStart } from './start-child.js';
import type { SupervisedChild, SupervisedSession } from './supervised-child.js';

/** The supervisor that a child was given to. */
type Owner<S extends SupervisedSession> = Pick<ChildStart<S>, 'pluginIds' | 'onEnd'>;

type SpareStart<S extends SupervisedSession> = Omit<ChildStart<S>, keyof Owner<S> | 'sandbox'>;

class Spare<S extends SupervisedSession> {
  readonly child: Promise<SupervisedChild<S>>;
  #owner: Owner<S> | undefined;
  #end: ChildEnd | undefined;
  #giveSandbox: ((sandbox: ChildSandbox) => void) | undefined;
  #abandon: ((reason: unknown) => void) | undefined;

  constructor(start: SpareStart<S>, isSandboxed: boolean) {
    const onEnd = (child: SupervisedChild<S>, end: ChildEnd): void => {
      this.#end = end;
      this.#owner?.onEnd(child, end);
    };
    const sandbox = isSandboxed ? this.#promiseSandbox() : undefined;
    this.child = startChild({ ...start, sandbox, pluginIds: () => this.#owner?.pluginIds() ?? '', onEnd });
    this.child.catch(() => undefined); // `take` reports it
  }

  giveTo(owner: Owner<S>, sandbox: ChildSandbox | undefined): void {
    this.#owner = owner;
    if (sandbox !== undefined) this.#giveSandbox?.(sandbox);
  }

  /** The machine ended it, so that another one may do better. */
  get wasEndedByMachine(): boolean {
    return this.#end?.machine !== undefined;
  }

  /** It has run no plugin, so it is killed at once. */
  async end(): Promise<void> {
    this.#abandon?.(new Error('nobody needs it'));
    const child = await this.child.catch(() => undefined);
    child?.kill('was not needed');
    await child?.ended;
  }

  #promiseSandbox(): Promise<ChildSandbox> {
    const promise = new Promise<ChildSandbox>((resolve, reject) => {
      this.#giveSandbox = resolve;
      this.#abandon = reject;
    });
    promise.catch(() => undefined);
    return promise;
  }
}

/**
 * Starts children before it is known which plugins run in them: while the host still reads the files of the plugins. Sandboxed ones wait
 * for what their plugin may reach.
 */
export class SpareChildren<S extends SupervisedSession> {
  #spares: Spare<S>[] = [];

  constructor(
    private readonly start: SpareStart<S>,
    private readonly isSandboxed: boolean,
  ) {}

  add(count: number): void {
    if (this.start.settings.limitsOf !== undefined) return; // the limits of its plugin are not known
    while (this.#spares.length < count) this.#spares.push(new Spare(this.start, this.isSandboxed));
  }

  /** Returns `undefined` if there is none for this sandbox, or it has ended. Rejects if it could not start for a reason that would stop another one too. */
  async take(owner: Owner<S>, sandbox: ChildSandbox | undefined): Promise<SupervisedChild<S> | undefined> {
    const spare = this.#fits(sandbox) ? this.#spares.shift() : undefined;
    if (spare === undefined) return undefined;
    spare.giveTo(owner, sandbox);
    try {
      const child = await spare.child;
      return child.isGone ? undefined : child;
    } catch (error) {
      if (spare.wasEndedByMachine) return undefined;
      throw error;
    }
  }

  #fits(sandbox: ChildSandbox | undefined): boolean {
    if (this.isSandboxed) return sandbox?.grants !== undefined;
    return sandbox === undefined || (sandbox.grants === undefined && Object.keys(sandbox.env).length === 0 && sandbox.inheritEnv.length === 0);
  }

  /** Ends those that nobody took. Keeps the host's process alive: children do not. */
  async end(): Promise<void> {
    const release = keepAlive();
    await Promise.all(this.#spares.splice(0).map((spare) => spare.end()));
    release();
  }
}
