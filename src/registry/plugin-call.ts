import { MAX_NESTING, type CapabilityKind } from '../abi/constants.js';
import { labelOf } from '../capability/descriptor.js';
import { KINDS, isCallable, methodIndex, type CallableKind } from '../capability/kinds/index.js';
import type { InvokeOptions } from '../invocation/backend.js';
import { nestsTooDeep } from '../invocation/call-chain.js';
import { Invocation } from '../invocation/invocation.js';
import type { InvocationError} from '../errors/index.js';
import { messageOf } from '../errors/index.js';
import { isPromiseInstead } from '../options/option-error.js';
import type { CapabilityTable } from './capability-table.js';
import { busy, denied as callDenied, failed, invalidParameters, notFound } from '../invocation/errors.js';

/** Whether `caller` may call this capability of another plugin. Must return `true`; any other value, even a promise, denies. */
export type MayCall = (caller: string, kind: CallableKind, name: string) => boolean;

/** Allows tools and providers. */
export const DEFAULT_MAY_CALL: MayCall = (_caller, kind) => KINDS[kind].pluginsMayCall === true;

export interface PluginCall {
  readonly caller: string;
  readonly kind: CapabilityKind;
  readonly name: string;
  readonly method: string;
  readonly input: string;
  readonly options: InvokeOptions;
}

/** Runs a call from one plugin to a capability of another. @throws InvocationError */
export async function callFromPlugin(table: CapabilityTable, mayCall: MayCall, call: PluginCall): Promise<string> {
  const { caller, kind, name, method, input, options } = call;
  const capability = labelOf({ kind, name });
  const denied = (cause?: Error): InvocationError =>
    callDenied({ capability }, `plugin ${caller}`, cause);
  if (!isCallable(kind)) throw denied();
  const answer: unknown = mayCall(caller, kind, name);
  if (isPromiseInstead(answer)) throw denied(new Error('mayCall returned a promise; it must return true or false'));
  if (answer !== true) throw denied();
  if (options.parent !== undefined && nestsTooDeep(options.parent)) {
    throw busy({ capability }, `calls nest ${MAX_NESTING} deep already`);
  }
  const row = table.row(kind, name);
  if (row === undefined) throw notFound(capability);
  if (methodIndex(kind, method) < 0) throw failed({ pluginId: row.capability.pluginId, capability }, 'UNSUPPORTED', `it has no method "${method}"`);
  KINDS[kind].checkInput?.(row.capability, parse(input, capability), input);
  return row.backend.invoke(method, input, withContext(options, caller));
}

/** With the context of the open invocation that makes the call: a plugin can choose no other, and add nothing to it. */
function withContext(options: InvokeOptions, caller: string): InvokeOptions {
  const context = Invocation.contextOf(options.parent, caller);
  return context === options.context ? options : { ...options, context };
}

function parse(input: string, capability: string): unknown {
  try {
    return JSON.parse(input);
  } catch (cause) {
    throw invalidParameters({ capability }, { expected: 'JSON', found: messageOf(cause) }, cause);
  }
}
