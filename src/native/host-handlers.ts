import { Status } from '../abi/status.js';
import type { PluginLifecycle } from '../plugin/lifecycle.js';
import { callCapability } from './call-out.js';
import type { HostHandlers } from './host-function.js';
import type { NativeInvoker } from './invoker.js';
import type { Registration } from './registration.js';

interface Parts extends Pick<HostHandlers, 'limit' | 'onLog'> {
  readonly lifecycle: PluginLifecycle;
  readonly registration: Registration;
  readonly invoker: NativeInvoker;
}

/** What the host functions do that a plugin calls. */
export function hostHandlers({ limit, lifecycle, registration, invoker, onLog }: Parts): HostHandlers {
  return {
    limit,
    get state() {
      return lifecycle.state;
    },
    onLog,
    onCapability: (address) => registration.offer(address),
    admitChunk: (invocation) => invoker.admitChunk(invocation),
    onChunk: (invocation, chunk) => invoker.takeChunk(invocation, chunk),
    admitCompletion: (invocation) => invoker.admitCompletion(invocation),
    onCompletion: (invocation, answer) => invoker.takeCompletion(invocation, answer),
    onCall: (call) => (registration.api === undefined ? Status.STATE : callCapability(registration.api, invoker, call)),
  };
}
