import { Status } from '../abi/status.js';
import type { Logger } from '../log/logger.js';
import { plainLine } from '../log/plain-line.js';
import type { PluginLifecycle } from '../plugin/lifecycle.js';
import { callCapability } from './call-out.js';
import type { HostHandlers } from './host-function.js';
import type { NativeInvoker } from './invoker.js';
import type { Registration } from './registration.js';

interface Parts extends Pick<HostHandlers, 'limit'> {
  readonly pluginId: string;
  readonly lifecycle: PluginLifecycle;
  readonly registration: Registration;
  readonly invoker: NativeInvoker;
  /** Whether this is a child, whose host removes control characters: it does not trust the child to. */
  readonly offMain: boolean;
  readonly loggerNow: () => Logger;
}

/** What the host functions do that a plugin calls. */
export function hostHandlers({ pluginId, limit, lifecycle, registration, invoker, offMain, loggerNow }: Parts): HostHandlers {
  const lineOf = offMain ? (text: string): string => text : plainLine;
  return {
    limit,
    get state() {
      return lifecycle.state;
    },
    onLog: (level, message) => loggerNow()[level](lineOf(message), { pluginId }),
    onCapability: (address) => registration.offer(address),
    admitChunk: (invocation) => invoker.admitChunk(invocation),
    onChunk: (invocation, chunk) => invoker.takeChunk(invocation, chunk),
    admitCompletion: (invocation) => invoker.admitCompletion(invocation),
    onCompletion: (invocation, answer) => invoker.takeCompletion(invocation, answer),
    onCall: (call) => (registration.api === undefined ? Status.STATE : callCapability(registration.api, invoker, call)),
  };
}
