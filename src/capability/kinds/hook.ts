import { messageOf } from '../../errors/index.js';
import type { HookName } from '../../manifest/hook-names.js';
import { labelOf } from '../descriptor.js';
import type { InvokeOptions } from '../../invocation/backend.js';
import { callOptionsReader } from '../call-options.js';
import { contextOf, type CallContext } from '../js/call-context.js';
import { encodeJson } from '../json.js';
import { Handle } from '../handle.js';
import type { FaceContext, Kind } from '../kind.js';
import { NAMES_OF_HOOKS } from '../names.js';
import type { Callee } from '../../invocation/callee.js';
import { decodeReply, memberOf, readObject } from '../reply.js';
import { invalidReply } from '../../invocation/errors.js';

/** What a handler answers. `replace` and `veto` are for hooks whose name begins with Before. */
export type HookReply =
  | { readonly action: 'continue' }
  | { readonly action: 'replace'; readonly value: unknown }
  | { readonly action: 'veto'; readonly reason: string };

/** One plugin's handler of one hook. `registry.dispatch` runs them all. */
export interface HookHandler {
  readonly pluginId: string;
  readonly name: HookName;
  /**
   * Runs it alone. `data` is anything that JSON can hold; the handler gets a copy.
   * @throws InvocationError ERR_INVALID_REPLY (a change or veto where the hook allows none, too), or what the invocation
   * ends with
   */
  handle(data: unknown, options?: Pick<InvokeOptions, 'signal' | 'timeoutMs' | 'parent'>): Promise<HookReply>;
}

/** A handler in JavaScript. */
export interface HookDefinition {
  readonly name: HookName;
  /** Nothing is `{ action: 'continue' }`. */
  handle(data: unknown, context: CallContext): HookReply | void | Promise<HookReply | void>;
}

export const hook = {
  kind: 'hook',
  names: NAMES_OF_HOOKS,
  isShared: true,
  methods: ['handle'],
  makeFace: makeHookHandler,
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

/** Characters; not enough for a value that is nested too deep. */
const SHORT = 4096;

/** What can be parsed may be nested too deep to be sent to the next handler, whose failure it is not. */
function refuseUnsendable(value: unknown, callee: Callee): void {
  try {
    JSON.stringify(value);
  } catch (error) {
    throw invalidReply(callee, 'a value that can be handed on', messageOf(error));
  }
}

/** The name was checked when it was registered, so it is one of the hooks'. */
export function makeHookHandler({ pluginId, descriptor, backend }: FaceContext): HookHandler {
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
      if (reply.action === 'replace' && json.length > SHORT) refuseUnsendable(reply.value, callee);
      return reply;
    },
  };
}

class HookHandle extends Handle<HookHandler> implements HookHandler {
  readonly handle: HookHandler['handle'] = (data, options) => this.face.handle(data, options);
}
