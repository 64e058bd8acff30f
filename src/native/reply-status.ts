import { Status } from '../abi/status.js';
import type { InvocationErrorCode, LifecycleErrorCode } from '../errors/index.js';
import { InvocationError, LifecycleError } from '../errors/index.js';

/** The status that a host function returns for each error. Others are FAILED. */
const STATUS: Partial<Record<InvocationErrorCode | LifecycleErrorCode, number>> = {
  ERR_CAPABILITY_UNDECLARED: Status.UNDECLARED,
  ERR_CAPABILITY_DUPLICATE: Status.DUPLICATE,
  ERR_CAPABILITY_INVALID: Status.INVALID,
  ERR_REGISTRATION_CLOSED: Status.STATE,
  ERR_INVALID_PARAMETERS: Status.INVALID,
  ERR_INVOCATION_TIMEOUT: Status.TIMEOUT,
  ERR_INVOCATION_CANCELLED: Status.CANCELLED,
  ERR_PLUGIN_CLOSED: Status.CLOSED,
  ERR_PLUGIN_BUSY: Status.BUSY,
  ERR_CAPABILITY_NOT_FOUND: Status.NOT_FOUND,
  ERR_CALL_DENIED: Status.DENIED,
  ERR_PAYLOAD_TOO_LARGE: Status.TOO_LARGE,
};

export function statusOf(error: unknown): number {
  if (!(error instanceof InvocationError) && !(error instanceof LifecycleError)) return Status.FAILED;
  return STATUS[error.code] ?? Status.FAILED;
}
