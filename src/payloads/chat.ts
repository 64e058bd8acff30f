import { anything, flag, integer, listOf, number, object, oneOf, text, type Payload, type PayloadSchema } from './payload-schema.js';

/** A call that a model makes, in a message. */
export interface ChatToolCall {
  readonly id?: string;
  readonly name?: string;
  /** JSON text. */
  readonly arguments?: string;
  readonly [key: string]: unknown;
}

/** A message of a conversation. */
export interface ChatRequestMessage {
  readonly role?: 'system' | 'user' | 'assistant' | 'tool';
  /** Text, or a list of parts such as `{"type": "text", "text": "…"}`. */
  readonly content?: unknown;
  readonly toolCalls?: readonly ChatToolCall[];
  /** Of a message with the role `tool`: the call that it answers. */
  readonly toolCallId?: string;
  readonly [key: string]: unknown;
}

/** A tool that the model may call. */
export interface ChatTool {
  readonly name?: string;
  readonly description?: string;
  /** JSON Schema. */
  readonly parameters?: unknown;
  readonly [key: string]: unknown;
}

/** What `provider.chat` is called with. */
export interface ChatRequest {
  readonly model?: string;
  readonly messages?: readonly ChatRequestMessage[];
  readonly tools?: readonly ChatTool[];
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
  readonly [key: string]: unknown;
}

/** How many tokens an answer took. */
export interface ChatUsage {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly [key: string]: unknown;
}

/** A part of a message, as it comes. */
export interface ChatDelta {
  readonly role?: 'assistant';
  /** The next piece of text. */
  readonly content?: string;
  readonly toolCalls?: readonly ChatToolCall[];
  readonly [key: string]: unknown;
}

/** A whole message of a model. */
export interface ChatReply extends ChatRequestMessage {
  readonly role?: 'assistant';
  /** Why it ends. */
  readonly finishReason?: 'stop' | 'length' | 'toolCalls' | 'contentFilter' | 'error';
  readonly usage?: ChatUsage;
}

/** A model of a provider. */
export interface ModelInfo {
  readonly id: string;
  readonly name?: string;
  /** In tokens. */
  readonly contextWindow?: number;
  readonly supportsTools?: boolean;
  readonly supportsVision?: boolean;
  readonly [key: string]: unknown;
}

const toolCalls = listOf(
  object({ id: text('what the answer names'), name: text("the tool's name"), arguments: text('JSON text') }),
  'calls of tools',
);

const message: Readonly<Record<string, PayloadSchema>> = {
  role: oneOf(['system', 'user', 'assistant', 'tool'], 'who says it'),
  content: anything('text, or a list of parts such as {"type": "text", "text": "…"}'),
  toolCalls,
  toolCallId: text('of a message with the role tool: the call that it answers'),
};

/** Inside a hook's data too. */
export const chatMessage = object(message);

const usage = object({ inputTokens: integer('tokens of the request'), outputTokens: integer('tokens of the answer') }, 'how many tokens it took');

export const chatRequest: Payload<ChatRequest> = {
  title: 'The request of provider.chat.',
  schema: object({
    model: text('the id of the model'),
    messages: listOf(chatMessage, 'the conversation, oldest first'),
    tools: listOf(object({ name: text("the tool's name"), description: text('what it does'), parameters: anything('JSON Schema') }), 'tools that the model may call'),
    temperature: number('0 is the least random'),
    maxTokens: integer('the most that the answer may take'),
    stop: listOf(text('a text at which the answer ends'), 'where to stop'),
  }),
  example: { model: 'parrot-1', messages: [{ role: 'user', content: 'Is it cold in Oslo?' }], maxTokens: 500 },
};

export const chatDelta: Payload<ChatDelta> = {
  title: 'A part of a message, sent while provider.chat runs.',
  schema: object({ role: oneOf(['assistant'], 'who says it'), content: text('the next piece of text'), toolCalls }),
  example: { content: 'Quite ' },
};

export const chatReply: Payload<ChatReply> = {
  title: 'The answer of provider.chat: the whole message.',
  schema: object({
    ...message,
    role: oneOf(['assistant'], 'who says it'),
    finishReason: oneOf(['stop', 'length', 'toolCalls', 'contentFilter', 'error'], 'why it ends'),
    usage,
  }),
  example: { role: 'assistant', content: 'Quite cold.', finishReason: 'stop', usage: { inputTokens: 12, outputTokens: 3 } },
};

export const models: Payload<readonly ModelInfo[]> = {
  title: 'The answer of provider.models.',
  schema: listOf(
    object(
      {
        id: text('what a request names'),
        name: text('a name for people'),
        contextWindow: integer('in tokens'),
        supportsTools: flag('whether it calls tools'),
        supportsVision: flag('whether it sees images'),
      },
      undefined,
      ['id'],
    ),
    'the models',
  ),
  example: [{ id: 'parrot-1', name: 'Parrot', contextWindow: 8192, supportsTools: false }],
};
