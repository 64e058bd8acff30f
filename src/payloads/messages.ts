import { anything, flag, listOf, object, oneOf, text, type Payload } from './payload-schema.js';

/** A person or program that sends messages. */
export interface MessageSender {
  readonly id?: string;
  readonly name?: string;
  readonly isBot?: boolean;
  readonly [key: string]: unknown;
}

/** Where a message belongs. */
export interface MessagePeer {
  readonly id?: string;
  readonly kind?: 'user' | 'group' | 'channel' | 'thread';
  readonly title?: string;
  readonly [key: string]: unknown;
}

/** A file in a message: at `url`, or in `data`. */
export interface MessageMedia {
  readonly type?: 'image' | 'audio' | 'video' | 'document';
  readonly url?: string;
  /** Base64. */
  readonly data?: string;
  readonly mimeType?: string;
  readonly filename?: string;
  readonly [key: string]: unknown;
}

/** A message that a channel sends or receives. */
export interface ChannelMessage {
  /** Of a received message, or of the one that this edits. */
  readonly id?: string;
  readonly text?: string;
  readonly media?: readonly MessageMedia[];
  /** Who sent it; absent for one that the host sends. */
  readonly sender?: MessageSender;
  readonly peer?: MessagePeer;
  readonly threadId?: string;
  /** The id of the message that this answers. */
  readonly replyTo?: string;
  /** ISO 8601. */
  readonly timestamp?: string;
  /** A reaction to `replyTo` instead of a text. */
  readonly reaction?: string;
  readonly metadata?: unknown;
  readonly [key: string]: unknown;
}

/** What `send` answers with. */
export interface ChannelReceipt {
  /** What the service calls the message. */
  readonly id?: string;
  readonly timestamp?: string;
  readonly [key: string]: unknown;
}

const media = object({
  type: oneOf(['image', 'audio', 'video', 'document'], 'what it is'),
  url: text('where it is'),
  data: text('or the file itself, in base64'),
  mimeType: text('such as image/png'),
  filename: text('its name'),
});

/** Inside a hook's data too. */
export const messageSchema = object({
  id: text('of a received message, or of the one that this edits'),
  text: text('what it says'),
  media: listOf(media, 'files'),
  sender: object({ id: text('of the sender'), name: text('for people'), isBot: flag('whether it is a program') }, 'who sent it; absent for one that the host sends'),
  peer: object({ id: text('of the conversation'), kind: oneOf(['user', 'group', 'channel', 'thread'], 'what it is'), title: text('for people') }, 'the conversation'),
  threadId: text('the thread in it'),
  replyTo: text('the id of the message that this answers'),
  timestamp: text('ISO 8601'),
  reaction: text('a reaction to replyTo, instead of a text'),
  metadata: anything('whatever else the service says'),
});

export const channelMessage: Payload<ChannelMessage> = {
  title: 'A message that a channel sends or receives.',
  schema: messageSchema,
  example: { id: '17', text: 'Is it cold in Oslo?', sender: { id: 'u1', name: 'Ada' }, peer: { id: 'c4', kind: 'group' }, timestamp: '2026-01-01T12:00:00Z' },
};

export const channelReceipt: Payload<ChannelReceipt> = {
  title: 'The answer of a channel to a message that it has sent.',
  schema: object({ id: text('what the service calls the message'), timestamp: text('ISO 8601') }),
  example: { id: '18', timestamp: '2026-01-01T12:00:01Z' },
};
