import type { HookName } from '../manifest/hook-names.js';
import { chatMessage, chatReply } from './chat.js';
import type { HookDataTypes } from './hook-data.js';
import { messageSchema } from './messages.js';
import { anything, flag, listOf, number, object, text, type Payload, type PayloadSchema } from './payload-schema.js';

const session = {
  agentId: text('the agent'),
  sessionKey: text('the session'),
  userId: text('the user'),
};
const session7 = { agentId: 'main', sessionKey: 's7' };

const durationMs = number('how long it took, in milliseconds');
const usage = chatReply.schema.properties?.usage ?? {};

const message = { ...session, channel: text('the name of the channel'), message: messageSchema };

const toolCall: Readonly<Record<string, PayloadSchema>> = {
  ...session,
  tool: text('the name of the tool; what match of a handler is compared with'),
  pluginId: text('the plugin that offers it'),
  params: anything('the parameters'),
  callId: text('the id that the model gave the call'),
};
const forecast = { ...session7, tool: 'forecast', pluginId: 'weather', params: { city: 'Oslo' }, callId: 'call_1' };

const client: Readonly<Record<string, PayloadSchema>> = {
  clientId: text('the connection'),
  address: text('where it comes from'),
  userId: text('the user'),
  client: object({ name: text('its name'), version: text('its version') }, 'what it calls itself'),
};

/** The data of each hook. No member is required: a host leaves out what it does not know, and may add more. */
export const HOOK_PAYLOADS: { readonly [H in HookName]: Payload<HookDataTypes[H]> } = {
  BeforeAgentRun: {
    title: 'An agent is about to answer.',
    schema: object({ ...session, model: text('the id of the model'), messages: listOf(chatMessage, 'the conversation, oldest first') }),
    example: { ...session7, model: 'parrot-1', messages: [{ role: 'user', content: 'Is it cold in Oslo?' }] },
  },
  AfterAgentRun: {
    title: 'An agent has answered, or failed.',
    schema: object({ ...session, model: text('the id of the model'), reply: chatReply.schema, usage, durationMs, error: text('present if it failed') }),
    example: { ...session7, model: 'parrot-1', reply: { role: 'assistant', content: 'Quite cold.' }, durationMs: 812 },
  },
  BeforeMessageSend: {
    title: 'A message is about to be sent over a channel.',
    schema: object(message),
    example: { ...session7, channel: 'letters', message: { text: 'Quite cold.', replyTo: '17' } },
  },
  AfterMessageReceive: {
    title: 'A channel has received a message.',
    schema: object(message),
    example: { ...session7, channel: 'letters', message: { id: '17', text: 'Is it cold in Oslo?', sender: { id: 'u1' } } },
  },
  BeforeToolExecute: { title: 'A tool is about to be called.', schema: object(toolCall), example: forecast },
  AfterToolExecute: {
    title: 'A tool was called.',
    schema: object({ ...toolCall, result: anything('its result'), isError: flag('whether the result is an error'), error: text('present if the call failed'), durationMs }),
    example: { ...forecast, result: { celsius: -3 }, isError: false, durationMs: 41 },
  },
  OnSessionCreate: {
    title: 'A session begins.',
    schema: object({ ...session, channel: text('the channel that it came over') }),
    example: { ...session7, userId: 'u1', channel: 'letters' },
  },
  OnSessionEnd: {
    title: 'A session has ended.',
    schema: object({ ...session, reason: text('why'), durationMs }),
    example: { ...session7, reason: 'idle', durationMs: 1_800_000 },
  },
  OnGatewayStart: {
    title: 'The gateway is up.',
    schema: object({ version: text('of the gateway'), addresses: listOf(text('an address'), 'where it listens') }),
    example: { version: '1.0.0', addresses: ['127.0.0.1:3080'] },
  },
  OnGatewayShutdown: { title: 'The gateway shuts down.', schema: object({ reason: text('why') }), example: { reason: 'SIGTERM' } },
  OnClientConnect: {
    title: 'A client has connected.',
    schema: object(client),
    example: { clientId: 'c12', address: '127.0.0.1', client: { name: 'cli', version: '1.0.0' } },
  },
  OnClientDisconnect: { title: 'A client is gone.', schema: object({ ...client, reason: text('why') }), example: { clientId: 'c12', reason: 'closed' } },
};
