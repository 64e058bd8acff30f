import { LifecycleError, type ErrorContext } from '../errors/index.js';

/**
 * The compiler of JSON Schemas makes JavaScript code, which a host started with --disallow-code-generation-from-strings may
 * not: no plugin's mistake. @throws LifecycleError ERR_CODE_GENERATION if that is what `error` says
 */
export function requireCodeGeneration(error: unknown, context: ErrorContext): void {
  // By name: an error of another realm is no instance of this one's class.
  if (error instanceof Error && error.name === 'EvalError') {
    throw new LifecycleError('ERR_CODE_GENERATION', { reason: error.message }, { ...context, cause: error });
  }
}
