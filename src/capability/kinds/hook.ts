import type { HookName } from '../../manifest/hook-names.js';
import { labelOf } from '../descriptor.js';
import type { InvokeOptions } from '../../invocation/backend.js';
import { callOptionsReader } from '../call-options.js';
import { contextOf, type CallContext } from '../js/call-context.js';
import { encodeJson } from '../json.js';
import { isDeeper } from '../json-depth.js';
import { Handle } from '../handle.js';
import { mayVeto, readHookSpec, type HookSpec } from '../hook-spec.js';
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
  /** Handlers with a higher priority run first; equal ones run in plugin order. */
  readonly priority: number;
  /** For the two tool hooks: patterns of the tool names for which `dispatch` runs this handler. Absent: for all tools. */
  readonly match?: readonly string[] | undefined;
  /** Whether the plugin wants a failure of this handler to count as a veto. The host may want it too: see its option `failClosed`. */
  readonly failClosed: boolean;
  /**
   * Runs only this handler. `data` is any JSON value; the handler gets a copy.
   * @throws InvocationError ERR_INVALID_REPLY (also for `replace` or `veto` if the hook does not allow them), or the error
   * of the invocation
   */
  handle(data: unknown, options?: Pick<InvokeOptions, 'signal' | 'timeoutMs' | 'parent' | 'context'>): Promise<HookReply>;
}

/** A hook handler of a plugin in JavaScript. */
export interface HookDefinition extends HookSpec {
  readonly name: HookName;
  /** Returning nothing means `{ action: 'continue' }`. */
  handle(data: unknown, context: CallContext): HookReply | void | Promise<HookReply | void>;
}

export const hook = {
  kind: 'hook',
  names: NAMES_OF_HOOKS,
  isShared: true,
  methods: ['handle'],
  checkSpec: readHookSpec,
  makeCapability: makeHookHandler,
  makeHandle: (target): HookHandler => new HookHandle(target),
  offer: (definition) => {
    const { name, priority, match, failClosed } = definition;
    return {
      descriptor: { kind: 'hook', name, description: '', spec: { priority, match, failClosed } },
      handlers: { handle: async (data, handling) => (await definition.handle(data, contextOf(handling))) ?? { action: 'continue' } },
    };
  },
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

/** Lists and objects around each other in a replaced value. */
const MAX_VALUE_DEPTH = 2048;
/** Characters. A shorter reply cannot be nested deeper: each level takes two. */
const MAX_UNCHECKED_LENGTH = 2 * MAX_VALUE_DEPTH;

/** The value goes to the next handlers and to the host. Blames the handler that returned it, not one that cannot take it. */
function requireShallow(value: unknown, callee: Callee): void {
  if (!isDeeper(value, MAX_VALUE_DEPTH)) return;
  throw invalidReply(callee, `a value nested at most ${MAX_VALUE_DEPTH} levels deep`, 'more levels');
}

/** The name was checked at registration, so it is a HookName. @throws Error if the spec does not fit the hook */
export function makeHookHandler({ pluginId, descriptor, backend }: CapabilityContext): HookHandler {
  const name = descriptor.name as HookName;
  const mayChange = mayVeto(name);
  const { priority = 0, match, failClosed = false } = readHookSpec(descriptor.spec, name);
  const callee: Callee = { pluginId, capability: labelOf(descriptor) };
  const readOptions = callOptionsReader({ pluginId, step: 'active' });
  return {
    pluginId,
    name,
    priority,
    match,
    failClosed,
    async handle(data, options = {}) {
      const json = await backend.invoke('handle', encodeJson(data, callee), readOptions(options));
      const reply = decodeReply(json, readReply, EXPECTED, callee);
      if (!mayChange && reply.action !== 'continue') {
        throw invalidReply(callee, 'continue, since what has happened cannot be changed', reply.action);
      }
      if (reply.action === 'replace' && json.length > MAX_UNCHECKED_LENGTH) requireShallow(reply.value, callee);
      return reply;
    },
  };
}

class HookHandle extends Handle<HookHandler> implements HookHandler {
  get priority() {
    return this.current.priority;
  }
  get match() {
    return this.current.match;
  }
  get failClosed() {
    return this.current.failClosed;
  }
  readonly handle: HookHandler['handle'] = (data, options) => this.current.handle(data, options);
}
