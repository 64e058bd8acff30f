import { messageOf } from '../../errors/index.js';
import type { HookName } from '../../manifest/hook-names.js';
import { labelOf } from '../descriptor.js';
import type { InvokeOptions } from '../../invocation/backend.js';
import { callOptionsReader } from '../call-options.js';
import { contextOf, type CallContext } from '../js/call-context.js';
import { encodeJson } from '../json.js';
import { Handle } from '../handle.js';
import type { CapabilityContext, Kind } from '../kind.js';
import { NAMES_OF_HOOKS } from '../names.js';
import type { Callee } from '../../invocation/callee.js';
import { decodeReply, memberOf, readObject } from '../reply.js';
import { invalidReply } from '../../invocation/errors.js';

/** A handler's answer. `replace` and `veto` are for hooks whose name begins with Before. */
export type HookReply =
  | { readonly action: 'continue' }
  | { readonly action: 'replace'; readonly value: unknown }
  | { readonly action: 'veto'; readonly reason: string };

/** One plugin's handler of one hook. `registry.dispatch` runs them all. */
export interface HookHandler {
  readonly pluginId: string;
  readonly name: HookName;
  /**
   * Runs only this handler. `data` is any JSON value; the handler gets a copy.
   * @throws InvocationError ERR_INVALID_REPLY (also for `replace` or `veto` if the hook does not allow them), or the error
   * of the invocation
   */
  handle(data: unknown, options?: Pick<InvokeOptions, 'signal' | 'timeoutMs' | 'parent'>): Promise<HookReply>;
}

/** A hook handler of a plugin in JavaScript. */
export interface HookDefinition {
  readonly name: HookName;
  /** Returning nothing means `{ action: 'continue' }`. */
  handle(data: unknown, context: CallContext): HookReply | void | Promise<HookReply | void>;
}

export const hook = {
  kind: 'hook',
  names: NAMES_OF_HOOKS,
  isShared: true,
  methods: ['handle'],
  makeCapability: makeHookHandler,
  makeHandle: (target): HookHandler => new HookHandle(target),
  offer: (definition) => ({
    descriptor: { kind: 'hook', name: definition.name, description: '', spec: undefined },
    handlers: { handle: async (data, handling) => (await definition.handle(data, contextOf(handling))) ?? { action: 'continue' } },
  }),
} as const satisfies Kind<HookHandler, HookDefinition, 'handle'>;

function readReply(document: unknown): HookReply | undefined {
  const reply = readObject(document);
  if (reply === undefined) return undefined;
  const action = memberOf(reply, 'action');
  if (action === 'continue') return { action };
  if (action === 'replace' && Object.hasOwn(reply, 'value')) return { action, value: reply.value };
  const reason = memberOf(reply, 'reason');
  return action === 'veto' && typeof reason === 'string' ? { action, reason } : undefined;
}
const EXPECTED = '{"action": "continue"}, {"action": "replace", "value": …} or {"action": "veto", "reason": "…"}';

/** Characters. A shorter reply cannot be nested too deep to be serialized. */
const MAX_UNCHECKED_LENGTH = 4096;

/** A value that can be parsed may still be nested too deep to be serialized for the next handler. Blame the handler that returned it. */
function refuseUnserializable(value: unknown, callee: Callee): void {
  try {
    JSON.stringify(value);
  } catch (error) {
    throw invalidReply(callee, 'a value that can be handed on', messageOf(error));
  }
}

/** The name was checked at registration, so it is a HookName. */
export function makeHookHandler({ pluginId, descriptor, backend }: CapabilityContext): HookHandler {
  const name = descriptor.name as HookName;
  const mayChange = name.startsWith('Before');
  const callee: Callee = { pluginId, capability: labelOf(descriptor) };
  const readOptions = callOptionsReader({ pluginId, step: 'active' });
  return {
    pluginId,
    name,
    async handle(data, options = {}) {
      const json = await backend.invoke('handle', encodeJson(data, callee), readOptions(options));
      const reply = decodeReply(json, readReply, EXPECTED, callee);
      if (!mayChange && reply.action !== 'continue') {
        throw invalidReply(callee, 'continue, since what has happened cannot be changed', reply.action);
      }
      if (reply.action === 'replace' && json.length > MAX_UNCHECKED_LENGTH) refuseUnserializable(reply.value, callee);
      return reply;
    },
  };
}

class HookHandle extends Handle<HookHandler> implements HookHandler {
  readonly handle: HookHandler['handle'] = (data, options) => this.current.handle(data, options);
}
