import type { InvocationParent } from '../../invocation/backend.js';
import type { HookReply } from '../hook.js';
import type { ChatMessage, Model } from '../provider.js';
import type { HookName } from '../../manifest/index.js';

/*
 * What a plugin in JavaScript says of each capability. Functions may be async; what they get and give crosses as JSON, so
 * it is a copy. What they throw comes to the caller as ERR_INVOCATION_FAILED with it as `cause`.
 */

/** What every function gets as its second argument. */
export interface CallContext {
  /** Fires when the answer is not wanted any more: cancelled, past its deadline, or the plugin is shut down. */
  readonly signal: AbortSignal;
  /** Hand it on as `parent` when calling another capability, so that cycles can be seen. */
  readonly invocation: InvocationParent;
}

/** Sends a part ahead of the answer. Resolves when the receiver has had it: await it, and a slow receiver slows you. */
export type Emit = (value: unknown) => Promise<void>;

export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema. `call` gets nothing that does not fit, so its `params` may be typed by it. Default: any object. */
  readonly parameters?: unknown;
  call(params: unknown, context: CallContext & { readonly emit: Emit }): unknown;
}

export interface CommandDefinition {
  readonly name: string;
  readonly description?: string;
  readonly usage?: string;
  readonly requiresAuthorization?: boolean;
  /** Returns the exit code, 0 to 255; nothing is 0. */
  run(
    argv: readonly string[],
    context: CallContext & {
      readonly cwd: string;
      readonly stdout: (text: string) => Promise<void>;
      readonly stderr: (text: string) => Promise<void>;
    },
  ): number | void | Promise<number | void>;
}

export interface HookDefinition {
  readonly name: HookName;
  /** Nothing is `{ action: 'continue' }`. */
  handle(data: unknown, context: CallContext): HookReply | void | Promise<HookReply | void>;
}

export interface ChannelDefinition {
  readonly name: string;
  readonly description?: string;
  /** Runs for as long as the channel is connected: `signal` fires to end it. Inbound messages go to `emit`. */
  start(settings: unknown, context: CallContext & { readonly emit: Emit }): Promise<void>;
  /** Sends one message out. Returns a receipt. */
  send(message: unknown, context: CallContext): unknown;
}

export interface ProviderDefinition {
  readonly name: string;
  readonly description?: string;
  models(context: CallContext): readonly Model[] | Promise<readonly Model[]>;
  /** Parts of the message go to `emit`; the whole of it is returned. */
  chat(request: unknown, context: CallContext & { readonly emit: Emit }): ChatMessage | Promise<ChatMessage>;
}
