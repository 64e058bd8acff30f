import type { Address } from '../../library/memory.js';
import type { NativeCall } from '../../library/native-call.js';
import { bind, type PrototypeName } from '../../library/prototypes.js';
import type { CallThread } from './call-thread.js';

/** libuv's default number of threads. Node's file system and DNS work share them. */
const DEFAULT_POOL_SIZE = '4';
const MAX_POOL_SIZE = 1024;

/** How many threads libuv's pool has. */
export const LIBUV_POOL_SIZE = poolSize(process.env.UV_THREADPOOL_SIZE ?? DEFAULT_POOL_SIZE);

/** At least one thread of libuv's pool is always left to Node. */
export const MAX_ASYNC_THREADS = Math.max(1, LIBUV_POOL_SIZE - 1);

/** Reads it as libuv does: C's atoi; 0 and text that is not a number mean one thread, a negative number 1024. */
function poolSize(text: string): number {
  const given = Number.parseInt(text, 10) || 1;
  return given < 0 ? MAX_POOL_SIZE : Math.min(MAX_POOL_SIZE, given);
}

/** How many functions stay bound. A plugin can make new ones at run time, without limit. */
const MAX_BOUND = 1024;
type AsyncCall = (...argsAndDone: unknown[]) => void;
const bound = new Map<PrototypeName, Map<Address, AsyncCall>>();

function asyncCallOf({ prototype, at }: NativeCall): AsyncCall {
  let known = bound.get(prototype);
  if (known === undefined) bound.set(prototype, (known = new Map<Address, AsyncCall>()));
  let call = known.get(at);
  if (call === undefined) {
    const { async } = bind(prototype, at) as { readonly async: AsyncCall };
    call = async;
    if (known.size < MAX_BOUND) known.set(at, call);
  }
  return call;
}

/**
 * A thread of libuv's pool, by koffi's asynchronous calls: where the host runs in a Worker, which may be terminated at any time, and
 * as long as no runner has started.
 */
export class AsyncThread implements CallThread {
  readonly capacity = 1;
  readonly isFull = false;

  run(call: NativeCall, _waitsForRelease: boolean, onReturn: (result: number) => void): number {
    asyncCallOf(call)(...call.args, (error: Error | null, result: number) => {
      void call.keep; // koffi does not keep it
      if (error !== null) throw error; // koffi fails only for arguments of a wrong type
      onReturn(result ?? 0);
    });
    return 0;
  }

  takeBack(): boolean {
    return false;
  }

  resume(): void {
    // It takes one call at a time.
  }
}
