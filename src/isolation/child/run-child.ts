/** What a child process does: it runs plugins for a host, and talks to the host through one descriptor. */
import { closeSync } from 'node:fs';
import { bufferStdoutByLine, endAtExit, endProcess, flushOutput, isInheritable, makeOutputFullCheck } from '../../library/index.js';
import { closeInherited } from '../../machine/close-inherited.js';
import { setTimeout } from '../../machine/node-timers.js';
import { preferForOomKiller } from '../../machine/oom-score.js';
import { THREADS } from '../../native/runners/thread-pool.js';
import type { RunnerThread } from '../../native/runners/thread.js';
import { ownClock } from '../../options/process-clock.js';
import { seal } from '../sandbox/seal.js';
import { connectToHost } from '../wire/connect-to-host.js';
import { becomeChild } from '../wire/host-in-child.js';
import { PROTOCOL_VERSION, lastDescriptor, type ChildArgument } from '../wire/messages.js';
import { dieDisconnected, dieWithHost } from './die-with-host.js';
import { limitResources } from './limits.js';
import { limitPluginMemory } from './memory.js';
import { openRing } from './ring/open-ring.js';
import type { Send } from './send.js';
import { Session } from './session.js';
import { startThreads } from './start-threads.js';

/** How long to wait at exit for the output of C code. */
const FLUSH_TIMEOUT_MS = 100;

async function end(): Promise<void> {
  await Promise.race([flushOutput(), new Promise((resolve) => setTimeout(resolve, FLUSH_TIMEOUT_MS))]);
  endProcess(0);
}

/** What has been done before this file was loaded. */
interface Begun {
  /** What this process inherited has been closed. */
  readonly isClosed: boolean;
  readonly thread: RunnerThread | undefined;
}

export async function run({ hostPid, memoryLimitBytes, limits = {}, debug, calls }: ChildArgument, sandbox: string | undefined, { isClosed, thread }: Begun): Promise<void> {
  const sealed = sandbox === undefined ? undefined : seal(sandbox);
  becomeChild();
  if (!isClosed) closeInherited(lastDescriptor(calls), isInheritable);
  const ring = calls && openRing(calls);
  const isUp = ring?.start(() => send({ type: 'fatal', reason: 'lost its thread for calls' }), thread); // while the rest is set up
  const isRunnerUp = ring === undefined ? THREADS.warm(thread) : undefined;
  dieWithHost(hostPid);
  preferForOomKiller();
  endAtExit({ mayLoseCode: true });
  bufferStdoutByLine();
  ownClock.mayWaitForHost = makeOutputFullCheck();
  const send: Send = (message, payload, onSent) => {
    transport.send(message, payload, onSent);
    ring?.countSent();
  };
  const session = new Session(send, debug, () => void end());
  const transport = connectToHost({
    onMessage: (message, payload) => session.take(message, payload),
    onClose: (isClosedByHost) => dieDisconnected(hostPid, isClosedByHost),
  });
  const onLimit = (reason: string): void => send({ type: 'fatal', reason });
  await isRunnerUp;
  if ((await isUp) === true) session.ring = ring;
  else await THREADS.warm();
  const memory = { bytes: memoryLimitBytes, addressSpaceBytes: limits.addressSpaceBytes };
  const problem = startThreads() ?? limitResources(limits, debug) ?? (await limitPluginMemory(memory, onLimit, () => session.ring?.sharedBytes ?? 0));
  if (problem !== undefined) {
    send({ type: 'fatal', reason: problem });
    return; // the host kills this process
  }
  const listener = sealed?.finish();
  if (listener !== undefined) session.beforeLoad = () => closeSync(listener); // a plugin could answer its own calls
  const usesMessages = calls !== undefined && session.ring === undefined;
  send({ type: 'ready', version: PROTOCOL_VERSION, ...(usesMessages && { usesMessages }), ...(listener !== undefined && { listener }), ...(sealed?.rules !== undefined && { rules: sealed.rules }) });
}
