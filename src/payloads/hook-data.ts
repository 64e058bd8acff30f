import type { ChatReply, ChatRequestMessage, ChatUsage } from './chat.js';
import type { ChannelMessage } from './messages.js';

/** Members that the data of most hooks have. Every member of every hook is optional: a host leaves out what it does not know. */
export interface SessionHookData {
  readonly agentId?: string;
  readonly sessionKey?: string;
  readonly userId?: string;
  /** Hosts may add more. */
  readonly [key: string]: unknown;
}

/** An agent is about to answer. */
export interface BeforeAgentRunData extends SessionHookData {
  readonly model?: string;
  readonly messages?: readonly ChatRequestMessage[];
}

/** An agent has answered, or failed. */
export interface AfterAgentRunData extends SessionHookData {
  readonly model?: string;
  readonly reply?: ChatReply;
  readonly usage?: ChatUsage;
  readonly durationMs?: number;
  /** Present if it failed. */
  readonly error?: string;
}

/** A message is about to be sent, or was received. */
export interface MessageHookData extends SessionHookData {
  /** The name of the channel. */
  readonly channel?: string;
  readonly message?: ChannelMessage;
}

/** A tool is about to be called. */
export interface BeforeToolExecuteData extends SessionHookData {
  /** The name of the tool; what `match` of a handler is compared with. */
  readonly tool?: string;
  /** The plugin that offers it. */
  readonly pluginId?: string;
  readonly params?: unknown;
  /** The id that the model gave the call. */
  readonly callId?: string;
}

/** A tool was called. */
export interface AfterToolExecuteData extends BeforeToolExecuteData {
  readonly result?: unknown;
  readonly isError?: boolean;
  /** Present if the call failed. */
  readonly error?: string;
  readonly durationMs?: number;
}

/** A session begins. */
export interface OnSessionCreateData extends SessionHookData {
  readonly channel?: string;
}

/** A session has ended. */
export interface OnSessionEndData extends SessionHookData {
  readonly reason?: string;
  readonly durationMs?: number;
}

/** The gateway is up. */
export interface OnGatewayStartData {
  readonly version?: string;
  /** Where it listens. */
  readonly addresses?: readonly string[];
  readonly [key: string]: unknown;
}

/** The gateway shuts down. */
export interface OnGatewayShutdownData {
  readonly reason?: string;
  readonly [key: string]: unknown;
}

/** A client has connected. */
export interface OnClientConnectData {
  readonly clientId?: string;
  readonly address?: string;
  readonly userId?: string;
  /** What it calls itself. */
  readonly client?: { readonly name?: string; readonly version?: string; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

/** A client is gone. */
export interface OnClientDisconnectData extends OnClientConnectData {
  readonly reason?: string;
}

/** The data of each hook. */
export interface HookDataTypes {
  readonly BeforeAgentRun: BeforeAgentRunData;
  readonly AfterAgentRun: AfterAgentRunData;
  readonly BeforeMessageSend: MessageHookData;
  readonly AfterMessageReceive: MessageHookData;
  readonly BeforeToolExecute: BeforeToolExecuteData;
  readonly AfterToolExecute: AfterToolExecuteData;
  readonly OnSessionCreate: OnSessionCreateData;
  readonly OnSessionEnd: OnSessionEndData;
  readonly OnGatewayStart: OnGatewayStartData;
  readonly OnGatewayShutdown: OnGatewayShutdownData;
  readonly OnClientConnect: OnClientConnectData;
  readonly OnClientDisconnect: OnClientDisconnectData;
}
