import { InvocationError, processEndOf, type ProcessEnd } from '../errors/index.js';
import type { Callee } from './callee.js';

/* The errors of invocations. Each is built only here. */

/** Its `cause` is the signal's reason. */
export const cancelled = ({ pluginId, capability }: Callee, signal: AbortSignal | undefined, stillRunning: boolean): InvocationError =>
  new InvocationError('ERR_INVOCATION_CANCELLED', { capability, stillRunning }, { pluginId, cause: signal?.reason as unknown });

/** `waited`: it was still in the queue. */
export const timedOut = ({ pluginId, capability }: Callee, timeoutMs: number, stillRunning: boolean, waited: boolean): InvocationError =>
  new InvocationError('ERR_INVOCATION_TIMEOUT', { capability, timeoutMs, stillRunning, waited }, { pluginId });

export const closed = ({ pluginId, capability }: Callee, state: string): InvocationError =>
  new InvocationError('ERR_PLUGIN_CLOSED', { capability, state }, { pluginId });

export const busy = ({ pluginId, capability }: Partial<Callee> & Pick<Callee, 'capability'>, reason: string): InvocationError =>
  new InvocationError('ERR_PLUGIN_BUSY', { capability, reason }, { pluginId });

/** `what`: an input, a reply, output. */
export const tooLarge = ({ pluginId, capability }: Callee, what: string, bytes: number, limit: number): InvocationError =>
  new InvocationError('ERR_PAYLOAD_TOO_LARGE', { capability, what, bytes, limit }, { pluginId });

/** `pointer` is a JSON pointer inside the parameters. */
export function invalidParameters(
  { pluginId, capability }: Partial<Callee> & Pick<Callee, 'capability'>,
  fields: { readonly pointer?: string; readonly expected: string; readonly found: string },
  cause?: unknown,
): InvocationError {
  return new InvocationError('ERR_INVALID_PARAMETERS', { capability, pointer: '', ...fields }, { pluginId, cause });
}

/** The plugin's reply breaks the contract of its kind. */
export const invalidReply = ({ pluginId, capability }: Callee, expected: string, found: string, cause?: unknown): InvocationError =>
  new InvocationError('ERR_INVALID_REPLY', { capability, expected, found }, { pluginId, cause });

/** `status` is the name of a status of the header. */
export function failed(
  { pluginId, capability }: Partial<Callee> & Pick<Callee, 'capability'>,
  status: string,
  reason: string,
  cause?: unknown,
): InvocationError {
  return new InvocationError('ERR_INVOCATION_FAILED', { capability, status, reason }, { pluginId, cause });
}

/** `caller` as text: `plugin guard`, `the user`. */
export const denied = ({ pluginId, capability }: Partial<Callee> & Pick<Callee, 'capability'>, caller: string, cause?: unknown): InvocationError =>
  new InvocationError('ERR_CALL_DENIED', { capability, caller }, { pluginId, cause });

/** A channel's connection was closed. */
export const connectionClosed = ({ pluginId, capability }: Callee): InvocationError =>
  new InvocationError('ERR_CONNECTION_CLOSED', { capability }, { pluginId });

/** No active plugin offers it. */
export const notFound = (capability: string): InvocationError => new InvocationError('ERR_CAPABILITY_NOT_FOUND', { capability });

/** The plugin's process ended. `during`: the last thing that it was asked for. */
export function crashed({ pluginId, capability }: Callee, end: ProcessEnd & { readonly during: string }): InvocationError {
  return new InvocationError('ERR_PLUGIN_CRASHED', { capability, ...processEndOf(end), during: end.during }, { pluginId });
}
