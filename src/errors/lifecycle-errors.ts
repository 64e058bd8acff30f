import { entry, type Mismatch, type ProcessEnd } from './entry.js';

const after = (step: string, ms: number): string => `${step} did not return within ${ms} ms`;

/** What went wrong between loading and retirement. */
export const LIFECYCLE_ERRORS = {
  ERR_UNKNOWN_PLUGIN: entry<{ readonly operation: string }>({
    step: 'scan',
    when: 'The host knows no plugin with this id.',
    message: ({ operation }) => `cannot ${operation}: there is no plugin with this id`,
    hint: 'The report lists every plugin that was found; rescan to find new ones.',
  }),
  ERR_DUPLICATE_PLUGIN: entry<{ readonly winner: string }>({
    step: 'register',
    when: 'A plugin with this id is registered already.',
    message: ({ winner }) => `a plugin with this id is registered already: ${winner}`,
    hint: 'Shut the first one down before registering another.',
  }),
  ERR_LIFECYCLE_STATE: entry<Mismatch & { readonly operation: string }>({
    step: 'register',
    when: 'A lifecycle call came out of order, twice, or after shutdown.',
    message: ({ operation, expected, found }) => `${operation} needs a plugin that is ${expected}; this one is ${found}`,
    hint: 'The order is register, init, shutdown, each once.',
  }),
  ERR_LIFECYCLE_TIMEOUT: entry<{ readonly operation: string; readonly timeoutMs: number }>({
    step: 'init',
    when: 'register, init or shutdown did not return within its deadline. In-process the native call still runs.',
    message: ({ operation, timeoutMs }) => after(operation, timeoutMs),
    hint: 'The call still runs and cannot be stopped in this process; raise the deadline, or mend the plugin.',
  }),
  ERR_LIFECYCLE_CRASHED: entry<ProcessEnd & { readonly operation: string }>({
    step: 'init',
    when: "The plugin's process ended, or was killed by the host, while it was being loaded, registered, initialised, reconfigured or shut down.",
    message: ({ operation, reason }) => `during ${operation} the plugin's process ${reason}`,
    hint: 'This is a mistake in the plugin; tell its author. What it printed last is in the log.',
  }),
  ERR_REGISTER_FAILED: entry<{ readonly status: string; readonly reason: string }>({
    step: 'register',
    when: "The plugin's register reported a failure, or one of its registrations was refused.",
    message: ({ status, reason }) => `register failed with ${status}: ${reason}`,
    hint: 'See the reason; nothing that the plugin registered was kept.',
  }),
  ERR_INIT_FAILED: entry<{ readonly status: string; readonly reason: string }>({
    step: 'init',
    when: "The plugin's init reported a failure.",
    message: ({ status, reason }) => `init failed with ${status}: ${reason}`,
    hint: "The reason is the plugin's own; its documentation says more.",
  }),
  ERR_SHUTDOWN_FAILED: entry<{ readonly status: string; readonly reason: string }>({
    step: 'shutdown',
    when: "The plugin's shutdown reported a failure.",
    message: ({ status, reason }) => `shutdown failed with ${status}: ${reason}`,
    hint: 'The plugin is retired all the same; tell its author.',
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
    hint: 'Correct the registration; docs/abi.md lists what each member may hold.',
  }),
  ERR_CAPABILITY_DUPLICATE: entry<{ readonly kind: string; readonly capabilityName: string; readonly winner: string }>({
    step: 'register',
    when: 'Two capabilities of one kind have the same name, inside one plugin or across two.',
    message: ({ kind, capabilityName, winner }) => `the ${kind} "${capabilityName}" is registered already by ${winner}`,
    hint: 'Rename one of the two; the first keeps the name.',
  }),
  ERR_CONFIG: entry<{ readonly key: string; readonly reason: string }>({
    step: 'init',
    when: "The plugin's configuration does not fit its schema, or the plugin refused it.",
    message: ({ key, reason }) => `configuration${key === '' ? '' : ` at ${key}`}: ${reason}`,
    hint: "Correct the host's configuration for this plugin.",
  }),
} as const;
