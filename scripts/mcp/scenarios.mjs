/** The server scenarios of the conformance suite that do not apply, and why. All others must pass. */
const NOT_OFFERED = [
  [/^resources-/, 'plugins offer tools, not resources'],
  [/^prompts-/, 'plugins offer tools, not prompts'],
  [/^completion-/, 'completion is for prompts and resources'],
  [/^(tools-call-)?(sampling|elicitation)/, 'plugins ask their host, not the client: the ABI has neither sampling nor elicitation'],
];

/** Why a scenario is not run; `undefined` if it must pass. */
export const whyNotRun = (scenario) => NOT_OFFERED.find(([pattern]) => pattern.test(scenario))?.[1];
