import { messageOf } from '../../errors/index.js';
import { callGuarded } from '../../log/call-guarded.js';
import { guardChild } from '../sandbox/connect/guard.js';
import { sandboxSupport } from '../sandbox/probe.js';
import type { Denial } from '../sandbox/trace/denial.js';
import { hasLauncher, launchOrder } from './child-program.js';
import { sandboxed, type ChildSandbox } from './child-sandbox.js';
import type { Guard } from './connect-guard.js';
import { childEnvironment } from './environment.js';
import type { SupervisorSettings } from './process-options.js';
import type { SpawnOptions, Spawned } from './spawn.js';

/** The sandbox of one child, which may become known when its launcher already runs. */
export class SandboxHandover {
  /** With what the sandbox changes, once it is known. */
  #settings: SupervisorSettings;

  /** @param given undefined for no sandbox */
  constructor(
    private readonly base: SupervisorSettings,
    private readonly given: ChildSandbox | Promise<ChildSandbox> | undefined,
  ) {
    this.#settings = given === undefined || given instanceof Promise ? base : sandboxed(base, given);
  }

  /** What the child starts with. A launcher gets the variables of the plugin later: they are not meant for it. */
  get start(): Pick<SpawnOptions, 'env' | 'sandbox'> {
    const sandbox = this.given instanceof Promise ? 'later' : this.#settings.sandbox;
    return { env: childEnvironment(this.#isLaunched ? this.base : this.#settings), sandbox };
  }

  /** Tells the launcher what it waits for. Rejects as the promised sandbox does. */
  async complete(spawned: Spawned): Promise<void> {
    if (this.given instanceof Promise) this.#settings = sandboxed(this.base, await this.given);
    const { sandbox, onDenied } = this.#settings;
    if (this.#isLaunched && sandbox !== undefined) spawned.order(launchOrder(sandbox, childEnvironment(this.#settings), onDenied !== undefined));
  }

  /** The host answers calls of a sandboxed child, if the system can do that: it makes the connections, and reports what is denied. */
  guard(pluginIds: () => string): Guard | undefined {
    const { sandbox, onDenied, logger } = this.#settings;
    if (sandbox === undefined || sandboxSupport().keys.connect !== 'enforced') return undefined;
    if (sandbox.connect.length === 0 && onDenied === undefined) return undefined;
    const report = (denial: Denial): void => callGuarded(() => onDenied?.({ ...denial, plugins: pluginIds().split(', ') }), (error) => logger.error(`onDenied failed: ${messageOf(error)}`));
    return (pid, listener, rules, onLost) => guardChild({ pid, listener, grants: sandbox, rules, report, onLost });
  }

  get #isLaunched(): boolean {
    return hasLauncher() && (this.given instanceof Promise || this.#settings.sandbox !== undefined);
  }
}
