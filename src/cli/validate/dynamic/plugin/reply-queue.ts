import { Buffer } from 'node:buffer';
import { Format } from '../../../../abi/constants.js';
import { LAYOUTS } from '../../../../abi/layouts.js';
import { Status } from '../../../../abi/status.js';
import { bind } from '../../../../library/index.js';
import type { OutgoingCall } from '../host/hostile-host.js';
import { structBytes } from '../host/struct-bytes.js';
import { CallMemory } from './memory-plan.js';
import { onWorker } from './on-worker.js';

/** Answers the calls that a plugin makes, each once, on a worker. */
export class ReplyQueue {
  readonly #replies: Promise<void>[] = [];

  /** With `early`, the answer comes before `call` has returned. */
  constructor(
    private readonly status: number,
    private readonly text: string,
    private readonly early: boolean,
  ) {}

  /** Returns the status of `call`. */
  add(call: OutgoingCall): number {
    const reply = this.#prepare();
    const run = bind('onReply', call.onReply);
    const end = (): void => reply.takeBack();
    if (this.early) {
      run(call.user, reply.at('request'));
      end();
    } else this.#replies.push(onWorker<undefined>((done) => run.async(call.user, reply.at('request'), done)).then(end));
    return Status.PENDING;
  }

  /** Resolves when every answer has been given. */
  async empty(): Promise<void> {
    while (this.#replies.length > 0) await this.#replies.shift();
  }

  #prepare(): CallMemory<'request' | 'input'> {
    const data = Buffer.from(this.text);
    const memory = new CallMemory({ request: LAYOUTS.aisopod_completion.size, input: data.length }, { guarded: ['request', 'input'], forbiddenAfter: ['request', 'input'] });
    memory.write('input', data);
    memory.write('request', structBytes('aisopod_completion', { status: this.status, invocation: 1, format: Format.JSON, data: memory.at('input'), length: data.length }));
    return memory;
  }
}
