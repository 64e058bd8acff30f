import { crashHint } from './crash-hint.js';
import { entry, type Mismatch, type ProcessEnd } from './entry.js';

/** Why a plugin refuses a new configuration while it runs, where it does not support that at all. */
export const INIT_ONLY = 'the plugin takes its configuration at init only';

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
    when: 'A plugin with this id is registered already.',
    message: ({ winner }) => `a plugin with this id is registered already: ${winner}`,
    hint: 'Shut down the first one before you register another.',
  }),
  ERR_CODE_GENERATION: entry<{ readonly reason: string }>({
    step: 'register',
    when: 'The plugin has a JSON Schema, and Node may not compile it: schemas become JavaScript code.',
    message: ({ reason }) => `cannot compile a JSON Schema: ${reason}`,
    hint: 'Start the host without --disallow-code-generation-from-strings (look at NODE_OPTIONS as well). The plugin is not at fault.',
  }),
  ERR_LIFECYCLE_STATE: entry<Mismatch & { readonly operation: string }>({
    step: 'register',
    when: 'A lifecycle call came out of order, twice, or after shutdown.',
    message: ({ operation, expected, found }) => `cannot ${operation}: expected ${expected}, found ${found}`,
    hint: 'Call register, init and shutdown once each, in this order; a closed host takes no calls.',
  }),
  ERR_LIFECYCLE_TIMEOUT: entry<{ readonly operation: string; readonly timeoutMs: number; readonly stillRunning: boolean }>({
    step: 'init',
    when: 'register, init, reconfigure or shutdown did not return by its deadline. In a child process the call ends with the process; in-process it still runs.',
    message: ({ operation, timeoutMs }) => `${operation} did not return within ${timeoutMs} ms`,
    hint: ({ stillRunning }) =>
      stillRunning
        ? 'The call still runs, since nothing can stop it in this process. Raise the deadline (timeouts), or fix the plugin.'
        : "The plugin's process was ended. Raise the deadline (timeouts), or fix the plugin.",

  }),
  ERR_LIFECYCLE_CRASHED: entry<ProcessEnd & { readonly operation: string }>({
    step: 'init',
    when: "The plugin's process ended, or was killed by the host, while it was being loaded, registered, initialised, reconfigured or shut down.",
    message: ({ operation, reason }) => `during ${operation} the plugin's process ${reason}`,
    hint: crashHint,
  }),
  ERR_REGISTER_FAILED: entry<{ readonly status: string; readonly reason: string }>({
    step: 'register',
    when: "The plugin's register reported a failure, or one of its registrations was refused.",
    message: ({ reason }) => `register failed: ${reason}`,
    hint: 'See the reason above. Nothing that the plugin registered was kept.',
  }),
  ERR_INIT_FAILED: entry<{ readonly status: string; readonly reason: string }>({
    step: 'init',
    when: "The plugin's init reported a failure.",
    message: ({ reason }) => `init failed: ${reason}`,
    hint: "The reason comes from the plugin; see its documentation.",
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
    message: ({ kind, capabilityName, winner }) => `the ${kind} "${capabilityName}" is registered already by ${winner}`,
    hint: 'Rename one of the two. The first keeps the name.',
  }),
  ERR_CONFIG: entry<{ readonly key: string; readonly reason: string }>({
    step: 'init',
    when: "The plugin's configuration does not fit its schema, or the plugin refused it.",
    message: ({ key, reason }) => `configuration${key === '' ? '' : ` at ${key}`}: ${reason}`,
    hint: ({ reason }) =>
      reason === INIT_ONLY
        ? 'Call disable, then reconfigure, then enable: the plugin starts with the new configuration.'
        : 'Correct what the host gives this plugin: its entry in the option config, or the argument of reconfigure.',
  }),
} as const;
