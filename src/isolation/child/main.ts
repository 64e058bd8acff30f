/** The program of a child process: plugins live here, and a host speaks to them through one descriptor. */
import './ignore-signals.js';
import { bufferStdoutByLine, endAtExit, endProcess, flushOutput, makeOutputFullCheck } from '../../library/index.js';
import { setTimeout } from '../../machine/node-timers.js';
import { ownClock } from '../../options/process-clock.js';
import { connectToHost } from '../wire/connect-to-host.js';
import { becomeChild } from '../wire/host-in-child.js';
import { PROTOCOL_VERSION, type ChildMessage, type HostMessage, type ChildArgument } from '../wire/messages.js';
import { closeInherited } from './close-inherited.js';
import { dieDisconnected, dieWithHost } from './die-with-host.js';
import { limitPluginMemory, offerToOomKiller } from './memory.js';
import { Session } from './session.js';
import { startThreads } from './start-threads.js';

/** How long what C code has printed is waited for at the end. */
const FLUSH_MS = 100;

async function end(): Promise<void> {
  await Promise.race([flushOutput(), new Promise((resolve) => setTimeout(resolve, FLUSH_MS))]);
  endProcess(0);
}

async function main({ hostPid, memoryLimitBytes, debug }: ChildArgument): Promise<void> {
  becomeChild();
  dieWithHost(hostPid);
  closeInherited();
  offerToOomKiller();
  endAtExit();
  bufferStdoutByLine();
  ownClock.mayWaitForHost = makeOutputFullCheck();
  const send = (message: ChildMessage, payload?: string | Uint8Array): void => void transport.send(message, payload);
  const session = new Session(send, debug, () => void end());
  const transport = connectToHost({
    onMessage(header, payload) {
      session.take(header as HostMessage, payload);
      return true;
    },
    onClose: () => dieDisconnected(hostPid),
  });
  const onTooMuch = (reason: string): void => send({ type: 'hopeless', reason });
  const problem = startThreads() ?? (memoryLimitBytes === undefined ? undefined : await limitPluginMemory(memoryLimitBytes, onTooMuch));
  if (problem !== undefined) {
    send({ type: 'hopeless', reason: problem });
    return; // the host kills this process
  }
  send({ type: 'ready', version: PROTOCOL_VERSION });
}

void main(JSON.parse(process.argv[2] ?? '{}') as ChildArgument);
