import { Buffer } from 'node:buffer';
import { Format } from '../abi/constants.js';
import { LAYOUTS } from '../abi/layouts.js';
import { Status } from '../abi/status.js';
import { InvocationError, messageOf } from '../errors/index.js';
import { addressOf, ownBuffer } from '../library/index.js';
import { setImmediate } from '../machine/node-timers.js';
import type { BackendApi } from '../plugin/plugin.js';
import type { HostCall } from './host-function.js';
import type { NativeInvoker } from './invoker.js';
import { statusOf } from './reply-status.js';

/**
 * Calls a capability for a plugin. Returns PENDING; `on_reply` is then called once, never from inside this function
 * (rule 12). Returns another status if the call is refused.
 */
export function callCapability(api: BackendApi, invoker: NativeInvoker, call: HostCall): number {
  const chain = invoker.chainFrom(call.parent);
  if (typeof chain === 'number') return chain;
  const reply = (status: number, text: string): void => {
    invoker.reply(call.onReply, call.user, completionOf(status, call.parent, text));
  };
  setImmediate(() => {
    api.callCapability(call.kind, call.name, call.method, call.input, chain).then(
      (text) => reply(Status.OK, text),
      (error: unknown) => reply(replyStatus(error), messageOf(error)),
    );
  });
  return Status.PENDING;
}

/** If the called plugin reported a failure with a status of the header, the calling plugin gets that status. */
function replyStatus(error: unknown): number {
  if (error instanceof InvocationError && error.code === 'ERR_INVOCATION_FAILED') {
    return Status[error.status as keyof typeof Status] ?? Status.FAILED;
  }
  return statusOf(error);
}

function completionOf(status: number, invocation: number, text: string) {
  const { members, size } = LAYOUTS.aisopod_completion;
  const length = Buffer.byteLength(text);
  const buffer = ownBuffer(size + length + 1);
  const address = addressOf(buffer);
  buffer.write(text, size);
  buffer.writeUInt32LE(size, members.size.offset);
  buffer.writeInt32LE(status, members.status.offset);
  buffer.writeBigUInt64LE(BigInt(invocation), members.invocation.offset);
  buffer.writeUInt32LE(Format.JSON, members.format.offset);
  buffer.writeBigUInt64LE(BigInt(address + size), members.data.offset);
  buffer.writeBigUInt64LE(BigInt(length), members.length.offset);
  return { buffer, address };
}
