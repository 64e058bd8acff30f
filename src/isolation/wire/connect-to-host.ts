import type { Buffer } from 'node:buffer';
import { Socket } from 'node:net';
import { FrameReader, encodeFrame, type MessageReading } from './frames.js';
import { PROTOCOL_FD, type ChildMessage, type HostMessage } from './messages.js';
import { TurnWriter } from './turn-writer.js';

export interface HostConnectionEvents {
  /** `payload` is valid until this returns. */
  readonly onMessage: (message: HostMessage, payload: Buffer) => void;
  /** The connection has closed. `isClosedByHost` is false if this process lost its own end, which a plugin may close. */
  readonly onClose: (isClosedByHost: boolean) => void;
}

export interface HostConnection {
  /** `onSent` is for messages that do not wait for the end of the turn. */
  send(message: ChildMessage, payload?: string | Uint8Array, onSent?: () => void): void;
}

/** The host is trusted. */
const FROM_HOST: MessageReading<HostMessage> = {
  binaryTypes: new Set(['invoke', 'cancel', 'credit']),
  readJson: (header) => header as HostMessage,
};

/** These wait for the end of the turn. All others are written at once: the next step may end this process. */
const WAITING: ReadonlySet<ChildMessage['type']> = new Set(['result', 'failure', 'returned', 'pending', 'chunk', 'call']);

/** The child's end of the transport. Accepts payloads of any size. */
export function connectToHost({ onMessage, onClose }: HostConnectionEvents): HostConnection {
  const socket = new Socket({ fd: PROTOCOL_FD });
  const reader = new FrameReader(Infinity, FROM_HOST);
  const writer = new TurnWriter(socket);
  const take = (message: HostMessage, payload: Buffer): boolean => {
    onMessage(message, payload);
    return true;
  };
  socket.on('data', (bytes) => reader.push(bytes, take));
  socket.on('error', () => undefined); // 'close' follows
  let isClosedByHost = false;
  socket.on('end', () => (isClosedByHost = true));
  socket.on('close', () => onClose(isClosedByHost));
  return {
    send(message, payload, onSent) {
      const frame = encodeFrame(message, payload);
      if (WAITING.has(message.type)) writer.later(frame);
      else writer.now(frame, onSent);
    },
  };
}
