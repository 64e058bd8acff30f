import { TextDecoder } from 'node:util';
import type { Chunk } from '../invocation/backend.js';
import { decodeJson } from './json.js';
import type { Callee } from '../invocation/callee.js';
import { invalidReply } from '../invocation/errors.js';
import { tooLarge } from '../invocation/errors.js';

export interface OutputChunk {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** In UTF-16 units. A command that prints without end must not use up the host's memory. */
const MAX_OUTPUT_LENGTH = 16 << 20;

/** The output of one run of a command: passed on as it arrives, and kept. */
export class CommandOutput {
  readonly #parts = { stdout: [] as string[], stderr: [] as string[] };
  // One for each stream, because a character may be split over two chunks.
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  #length = 0;

  constructor(
    private readonly callee: Callee,
    private readonly onOutput: ((chunk: OutputChunk) => void | Promise<void>) | undefined,
  ) {}

  /** @throws InvocationError ERR_INVALID_REPLY, ERR_PAYLOAD_TOO_LARGE; both end the run. */
  take({ tag, data }: Chunk): void | Promise<void> {
    if (tag !== 'stdout' && tag !== 'stderr') {
      throw invalidReply(this.callee, 'chunks tagged stdout or stderr', `one tagged ${tag}`);
    }
    const text = typeof data === 'string' ? decodeJson(data, this.callee) : this.#decoders[tag].decode(data, { stream: true });
    if (typeof text !== 'string') throw invalidReply(this.callee, 'output that is text', typeof text);
    this.#length += text.length;
    if (this.#length > MAX_OUTPUT_LENGTH) throw tooLarge(this.callee, 'output', this.#length, MAX_OUTPUT_LENGTH);
    this.#parts[tag].push(text);
    return this.onOutput?.({ stream: tag, text });
  }

  /** The whole output. Bytes that are not UTF-8 appear as U+FFFD. */
  text(): { readonly stdout: string; readonly stderr: string } {
    const whole = (stream: OutputChunk['stream']): string => this.#parts[stream].join('') + this.#decoders[stream].decode();
    return { stdout: whole('stdout'), stderr: whole('stderr') };
  }
}
