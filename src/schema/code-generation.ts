import { LifecycleError, type ErrorContext } from '../errors/index.js';

/**
 * Ajv generates JavaScript, which Node does not compile with --disallow-code-generation-from-strings. The plugin is not at
 * fault. @throws LifecycleError ERR_CODE_GENERATION if `error` is Node's error for that
 */
export function requireCodeGeneration(error: unknown, context: ErrorContext): void {
  // By name: in jest, Node's errors are not instances of this realm's EvalError.
  if (error instanceof Error && error.name === 'EvalError') {
    throw new LifecycleError('ERR_CODE_GENERATION', { reason: error.message }, { ...context, cause: error });
  }
}
