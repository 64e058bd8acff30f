import { crashHint } from './crash-hint.js';
import { entry, type Mismatch } from './entry.js';
import type { ProcessEnd } from './process-end.js';

export interface Called {
  /** `tool forecast`, `command deploy` … */
  readonly capability: string;
}

/** What went wrong with one invocation. The plugin and its other invocations go on. */
export const INVOCATION_ERRORS = {
  ERR_INVOCATION_FAILED: entry<Called & { readonly status: string; readonly reason: string }>({
    step: 'active',
    when: 'The plugin answered an invocation with a failure.',
    message: ({ capability, reason }) => `${capability} failed: ${reason}`,
    hint: 'The reason comes from the plugin; see its documentation.',
  }),
  ERR_INVALID_PARAMETERS: entry<Called & Mismatch & { readonly pointer: string }>({
    step: 'active',
    when: "The parameters of a tool, the data of a hook or a chat request does not match the schema. The plugin's code was not called.",
    message: ({ capability, pointer, expected, found }) =>
      `${capability}: parameters${pointer === '' ? '' : ` at ${pointer}`}: expected ${expected}, found ${found}`,
    hint: "Send parameters that match the schema: the tool's own, or for hooks and chat requests the one in schemas/ of this package.",
  }),
  ERR_INVALID_REPLY: entry<Called & Mismatch>({
    step: 'active',
    when: 'The reply breaks the contract: unknown status, wrong length, invalid UTF-8 or JSON, or a second answer.',
    message: ({ capability, expected, found }) => `${capability}: reply: expected ${expected}, found ${found}`,
    hint: 'This is a bug in the plugin; docs/abi.md has the rules for replies.',
  }),
  ERR_INVOCATION_TIMEOUT: entry<Called & { readonly timeoutMs: number; readonly stillRunning: boolean; readonly waited: boolean }>({
    step: 'active',
    when: 'The deadline of an invocation passed. If `waited` is true, the invocation was still queued and the plugin never received it. In-process, the native call may still be running; the plugin then accepts no further invocations until the call returns.',
    message: ({ capability, timeoutMs, stillRunning, waited }) =>
      waited
        ? `${capability} was not started within ${timeoutMs} ms: it was still waiting for its turn`
        : `${capability} did not answer within ${timeoutMs} ms${stillRunning ? ' and is still running' : ''}`,
    hint: ({ waited }) => (waited ? 'Send fewer calls at once, or raise timeoutMs.' : 'Raise timeoutMs, or give the plugin less work per call.'),
  }),
  ERR_INVOCATION_CANCELLED: entry<Called & { readonly stillRunning: boolean }>({
    step: 'active',
    when: 'The AbortSignal of an invocation fired.',
    message: ({ capability, stillRunning }) => `${capability} was cancelled${stillRunning ? ' and is still running' : ''}`,
    hint: "No action needed: the caller cancelled it. `cause` is the signal's reason.",
  }),
  ERR_PLUGIN_CLOSED: entry<Called & { readonly state: string }>({
    step: 'active',
    when: 'The plugin is not active yet, or no longer active, so it accepts no invocations.',
    message: ({ capability, state }) => `${capability} cannot be called: the plugin is ${state}`,
    hint: 'host.explain(id) says why. The handle works again once the plugin is active.',
  }),
  ERR_PLUGIN_CRASHED: entry<Called & ProcessEnd & { readonly during: string }>({
    step: 'active',
    when: "The plugin's process ended, or was killed by the host, during this invocation. The host restarts the process but does not retry the invocation.",
    message: ({ capability, reason, during }) =>
      `${capability}: the plugin's process ${reason}${during === capability ? '' : ` (during ${during})`}`,
    hint: (end) => `Call again if the call is safe to repeat. ${crashHint(end)}`,
  }),
  ERR_PLUGIN_BUSY: entry<Called & { readonly reason: string }>({
    step: 'active',
    when: 'The plugin cannot accept this invocation now: it was re-entered, or an abandoned call is still running inside it.',
    message: ({ capability, reason }) => `${capability} cannot be called now: ${reason}`,
    hint: 'Try again later.',
  }),
  ERR_CONNECTION_CLOSED: entry<Called>({
    step: 'active',
    when: 'A message was sent over a channel connection that had ended.',
    message: ({ capability }) => `${capability}: the connection has ended`,
    hint: "Connect again. The connection's `closed` says why it ended.",
  }),
  ERR_CAPABILITY_NOT_FOUND: entry<Called>({
    step: 'active',
    when: 'No active plugin offers a capability of this kind and name.',
    message: ({ capability }) => `there is no ${capability}`,
    hint: 'Check the name, and whether the plugin that offers it is active.',
  }),
  ERR_CALL_DENIED: entry<Called & { readonly caller: string }>({
    step: 'active',
    when: 'The host does not allow this caller to use the capability.',
    message: ({ capability, caller }) => `${caller} may not call ${capability}`,
    hint: "To allow the call, change the host's mayCall or authorize. A sandboxed plugin must also ask for the call in its manifest ([permissions] call), and the host must grant it.",
  }),
  ERR_PAYLOAD_TOO_LARGE: entry<Called & { readonly bytes: number; readonly limit: number; readonly what: string }>({
    step: 'active',
    when: "An input, chunk or reply is larger than the host's limit.",
    message: ({ capability, what, bytes, limit }) => `${capability}: ${what} of ${bytes} bytes is over the limit of ${limit}`,
    hint: "Send less, or raise the host's limit.",
  }),
} as const;
