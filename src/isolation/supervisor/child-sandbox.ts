import type { ChildSandbox } from '../../report/child-sandbox.js';
import type { SupervisorSettings } from './process-options.js';

export type { ChildSandbox };

type Sandboxable = Pick<SupervisorSettings, 'env' | 'inheritEnv' | 'sandbox'>;

/** The settings of the child of a sandboxed plugin, with the variables that it gets in addition. */
export function sandboxed<S extends Sandboxable>(settings: S, { grants, ...more }: ChildSandbox): S {
  const { env = {}, inheritEnv = [] } = settings;
  return { ...settings, env: { ...env, ...more.env }, inheritEnv: [...inheritEnv, ...more.inheritEnv], sandbox: grants };
}
