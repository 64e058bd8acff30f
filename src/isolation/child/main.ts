/** The program of a child process: plugins live here, and a host speaks to them through one descriptor. */
import './leave-signals.js';
import { Socket } from 'node:net';
import { bufferStdoutByLine, endAtExit, endProcess, flushOutput, outputFullness } from '../../library/index.js';
import { setTimeout } from '../../machine/node-timers.js';
import { ownClock } from '../../options/process-clock.js';
import { FrameReader, encodeFrame } from '../wire/frames.js';
import { becomeChild } from '../wire/host-in-child.js';
import { PROTOCOL_FD, PROTOCOL_VERSION, type ChildMessage, type HostMessage, type ChildArgument } from '../wire/messages.js';
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
  ownClock.mayWaitForHost = outputFullness();
  const socket = new Socket({ fd: PROTOCOL_FD });
  const send = (message: ChildMessage, payload?: string | Uint8Array): void => void socket.write(encodeFrame(message, payload));
  const session = new Session(send, debug, () => void end());
  const reader = new FrameReader(Infinity); // the host may send what it likes
  socket.on('data', (bytes) => {
    reader.push(bytes, ({ header, payload }) => {
      session.take(header as HostMessage, payload);
      return true;
    });
  });
  socket.on('error', () => undefined); // it closes then
  socket.on('close', () => dieDisconnected(hostPid));
  const onTooMuch = (reason: string): void => send({ type: 'hopeless', reason });
  const problem = startThreads() ?? (memoryLimitBytes === undefined ? undefined : await limitPluginMemory(memoryLimitBytes, onTooMuch));
  if (problem !== undefined) {
    send({ type: 'hopeless', reason: problem });
    return; // the host kills this process
  }
  send({ type: 'ready', version: PROTOCOL_VERSION });
}

void main(JSON.parse(process.argv[2] ?? '{}') as ChildArgument);
