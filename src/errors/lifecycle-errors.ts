import { crashHint } from './crash-hint.js';
import { BUSY_THREADS_ADVICE } from './create-hint.js';
import { entry, type Mismatch } from './entry.js';
import type { ProcessEnd } from './process-end.js';

/** The reason of an ERR_CONFIG when a plugin cannot be reconfigured while it runs. */
export const INIT_ONLY = 'the plugin reads its configuration only at init';

/** How the reason of an ERR_CONFIG begins if the schema that a plugin ships is at fault, not the configuration. */
export const UNUSABLE_SCHEMA = 'its schema';

/** The reason of an ERR_CONFIG when a plugin did not get its turn. */
export const KEPT_BUSY = 'other calls kept the plugin busy';

/** What went wrong between loading and retirement. */
export const LIFECYCLE_ERRORS = {
  ERR_UNKNOWN_PLUGIN: entry<{ readonly operation: string }>({
    step: 'scan',
    when: 'The host knows no plugin with this id.',
    message: ({ operation }) => `cannot ${operation}: there is no plugin with this id`,
    hint: 'host.report() lists every plugin that was found. Call rescan to find new ones.',
  }),
  ERR_DUPLICATE_PLUGIN: entry<{ readonly winner: string }>({
    step: 'register',
    when: 'A plugin with this id is already registered.',
    message: ({ winner }) => `a plugin with this id is already registered: ${winner}`,
    hint: 'Shut down the first one before you register another.',
  }),
  ERR_CODE_GENERATION: entry<{ readonly reason: string }>({
    step: 'register',
    when: 'The plugin has a JSON Schema, which is compiled to JavaScript code, and Node is not allowed to generate code.',
    message: ({ reason }) => `cannot compile a JSON Schema: ${reason}`,
    hint: 'Start the host without --disallow-code-generation-from-strings (check NODE_OPTIONS too). The plugin is not at fault.',
  }),
  ERR_LIFECYCLE_STATE: entry<Mismatch & { readonly operation: string }>({
    step: 'register',
    when: 'A lifecycle method was called out of order, twice, or after shutdown.',
    message: ({ operation, expected, found }) => `cannot ${operation}: expected ${expected}, found ${found}`,
    hint: ({ operation, found }) =>
      operation === 'update' && found === 'disabled'
        ? 'Call enable: it starts the plugin with the files that its folder holds now.'
        : 'Call register, init and shutdown once each, in this order. A closed host accepts no calls.',
  }),
  // `waited`: it was not called, since no thread was free.
  ERR_LIFECYCLE_TIMEOUT: entry<{ readonly operation: string; readonly timeoutMs: number; readonly stillRunning: boolean; readonly waited?: boolean }>({
    step: 'init',
    when: 'register, init, reconfigure, save, restore or shutdown did not return by its deadline; or, soon after an update in-process, any call. In a child process, the host kills the process; in-process, the call is still running.',
    message: ({ operation, timeoutMs, waited }) =>
      waited === true ? `${operation} was not called within ${timeoutMs} ms: all threads were busy` : `${operation} did not return within ${timeoutMs} ms`,
    hint: ({ stillRunning, waited }) => {
      if (waited === true) return BUSY_THREADS_ADVICE;
      return stillRunning
        ? 'The call is still running: a call in this process cannot be stopped. Raise the deadline (timeouts), or fix the plugin.'
        : "The plugin's process was killed. Raise the deadline (timeouts), or fix the plugin.";
    },
  }),
  ERR_LIFECYCLE_CRASHED: entry<ProcessEnd & { readonly operation: string }>({
    step: 'init',
    when: "The plugin's process ended, or was killed by the host, while it was being loaded, registered, initialized, reconfigured, updated or shut down.",
    message: ({ operation, reason }) => `during ${operation} the plugin's process ${reason}`,
    hint: crashHint,
  }),
  ERR_REGISTER_FAILED: entry<{ readonly status: string; readonly reason: string }>({
    step: 'register',
    when: "The plugin's register reported a failure, or one of its registrations was refused.",
    message: ({ reason }) => `register failed: ${reason}`,
    hint: 'See the reason above. All of its registrations were discarded.',
  }),
  ERR_FEWER_CAPABILITIES: entry<Mismatch>({
    step: 'register',
    when: 'An update would take capabilities away: the new files do not register all that the generation that runs has registered.',
    message: ({ expected, found }) => `the new files do not register all that the old ones did: expected ${expected}, found ${found}`,
    hint: 'Fix the plugin, or accept fewer capabilities: host.update(id, { allowFewer: true }).',
  }),
  ERR_INIT_FAILED: entry<{ readonly status: string; readonly reason: string }>({
    step: 'init',
    when: "The plugin's init reported a failure.",
    message: ({ reason }) => `init failed: ${reason}`,
    hint: "The reason comes from the plugin; see its documentation.",
  }),
  ERR_HANDOVER_FAILED: entry<{ readonly operation: string; readonly status: string; readonly reason: string }>({
    step: 'init',
    when: 'At an update, the generation that runs did not give its state (save), or the new one did not take it (restore): the extension aisopod.handover/1.',
    message: ({ operation, reason }) => `${operation} failed: ${reason}`,
    hint: 'The generation that ran is still active. To update without its state: host.update(id, { discardState: true }).',
  }),
  ERR_HANDOVER_TOO_LARGE: entry<{ readonly bytes: number; readonly limit: number }>({
    step: 'active',
    when: 'At an update, the state of the generation that runs was larger than AISOPOD_MAX_STATE.',
    message: ({ bytes, limit }) => `save answered ${bytes} bytes, over the limit of ${limit}`,
    hint: 'Fix the plugin: it can write to its data folder instead. To update without its state: host.update(id, { discardState: true }).',
  }),
  ERR_SHUTDOWN_FAILED: entry<{ readonly status: string; readonly reason: string }>({
    step: 'shutdown',
    when: "The plugin's shutdown reported a failure.",
    message: ({ reason }) => `shutdown failed: ${reason}`,
    hint: 'No action needed: the plugin was retired. The reason comes from the plugin.',
  }),
  ERR_REGISTRATION_CLOSED: entry<{ readonly capability: string }>({
    step: 'register',
    when: 'A capability was registered outside register.',
    message: ({ capability }) => `${capability} was registered outside register`,
    hint: 'Register every capability inside the register function.',
  }),
  ERR_CAPABILITY_UNDECLARED: entry<{ readonly kind: string; readonly capabilityName: string }>({
    step: 'register',
    when: 'The plugin registered a capability that its manifest does not declare.',
    message: ({ kind, capabilityName }) => `the manifest does not declare the ${kind} "${capabilityName}"`,
    hint: ({ kind, capabilityName }) => `Add "${capabilityName}" to ${kind}s under [capabilities] in the manifest.`,
  }),
  ERR_CAPABILITY_INVALID: entry<Mismatch & { readonly kind: string; readonly capabilityName: string; readonly member: string }>({
    step: 'register',
    when: "A capability's name, description, spec or function breaks the contract.",
    message: ({ kind, capabilityName, member, expected, found }) => `${kind} "${capabilityName}": ${member}: expected ${expected}, found ${found}`,
    hint: 'Correct the registration in the plugin; docs/abi.md lists the allowed values of each member.',
  }),
  ERR_CAPABILITY_DUPLICATE: entry<{ readonly kind: string; readonly capabilityName: string; readonly winner: string }>({
    step: 'register',
    when: 'Two capabilities of one kind have the same name, inside one plugin or across two.',
    message: ({ kind, capabilityName, winner }) => `the ${kind} "${capabilityName}" is already registered by ${winner}`,
    hint: 'Rename one of the two. The first one keeps the name.',
  }),
  ERR_CONFIG: entry<{ readonly key: string; readonly reason: string }>({
    step: 'init',
    when: "The plugin's configuration does not match its schema, or the plugin refused it.",
    message: ({ key, reason }) => `configuration${key === '' ? '' : ` at ${key}`}: ${reason}`,
    hint: ({ reason }) => {
      if (reason === INIT_ONLY) return 'Call disable, then reconfigure, then enable: the plugin starts with the new configuration.';
      if (reason.startsWith(UNUSABLE_SCHEMA)) return "Correct the schema, which is part of the plugin: it must be a JSON Schema that can be read, inside the plugin's folder.";
      if (reason.startsWith(KEPT_BUSY)) return 'The old configuration is still in force. Try again later, or raise timeouts.init.';
      return 'Correct the configuration that the host gives this plugin: its entry in the config option, or the argument of reconfigure.';
    },
  }),
} as const;
