import { Socket } from 'node:net';
import { FrameReader, encodeFrame } from './frames.js';
import { PROTOCOL_FD } from './messages.js';
import type { Transport, TransportEvents } from './transport.js';

export interface HostConnectionEvents extends Pick<TransportEvents, 'onMessage'> {
  /** The connection has closed. `isClosedByHost` is false if this process lost its own end, which a plugin may close. */
  readonly onClose: (isClosedByHost: boolean) => void;
}

/**
 * The child's end of the transport. Each message is written immediately, because the next step may end this process. The host
 * is trusted, so payloads of any size are accepted.
 */
export function connectToHost({ onMessage, onClose }: HostConnectionEvents): Pick<Transport, 'send'> {
  const socket = new Socket({ fd: PROTOCOL_FD });
  const reader = new FrameReader(Infinity);
  socket.on('data', (bytes) => reader.push(bytes, ({ header, payload }) => onMessage(header, payload)));
  socket.on('error', () => undefined); // 'close' follows
  let isClosedByHost = false;
  socket.on('end', () => (isClosedByHost = true));
  socket.on('close', () => onClose(isClosedByHost));
  return {
    send(header, payload) {
      const frame = encodeFrame(header, payload);
      socket.write(frame);
      return frame.length;
    },
  };
}
