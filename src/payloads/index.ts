/** The payloads that hosts and plugins exchange, beside those of tools: published as JSON Schemas, types and examples. */
import { chatDelta, chatReply, chatRequest, models } from './chat.js';
import { HOOK_PAYLOADS } from './hooks.js';
import { channelMessage, channelReceipt } from './messages.js';

/** By the name of its file in schemas/, without the extension. */
export const PAYLOADS = {
  ...HOOK_PAYLOADS,
  'channel-message': channelMessage,
  'channel-receipt': channelReceipt,
  'provider-models': models,
  'chat-request': chatRequest,
  'chat-delta': chatDelta,
  'chat-message': chatReply,
} as const;
