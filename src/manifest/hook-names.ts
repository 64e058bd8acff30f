/** The host events that a plugin can hook into. */
export const HOOK_NAMES = [
  'BeforeAgentRun',
  'AfterAgentRun',
  'BeforeMessageSend',
  'AfterMessageReceive',
  'BeforeToolExecute',
  'AfterToolExecute',
  'OnSessionCreate',
  'OnSessionEnd',
  'OnGatewayStart',
  'OnGatewayShutdown',
  'OnClientConnect',
  'OnClientDisconnect',
] as const;

export type HookName = (typeof HOOK_NAMES)[number];
