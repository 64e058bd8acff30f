import { messageOf } from '../errors/index.js';
import { invalidParameters } from '../invocation/errors.js';
import type { HookName } from '../manifest/index.js';
import { HOOK_PAYLOADS } from '../payloads/hooks.js';
import { misfitOf, type Misfit } from '../payloads/misfit.js';

/** Checks the data of a hook, so that a handler that was written for one host works in another. @throws InvocationError ERR_INVALID_PARAMETERS */
export function requireHookData(hook: HookName, data: unknown): void {
  const capability = `hook ${hook}`;
  let misfit: Misfit | undefined;
  try {
    misfit = misfitOf(data, HOOK_PAYLOADS[hook].schema);
  } catch (cause) {
    throw invalidParameters({ capability }, { expected: 'data that can be read', found: messageOf(cause) }, cause);
  }
  if (misfit !== undefined) throw invalidParameters({ capability }, misfit);
}
