import { Socket } from 'node:net';
import { FrameReader, encodeFrame } from './frames.js';
import { PROTOCOL_FD } from './messages.js';
import type { Transport, TransportEvents } from './transport.js';

/**
 * The child's end of the transport. Each message is written at once and never kept: of a step that ends this process nothing
 * could be told afterwards. The host may send what it likes.
 */
export function connectToHost({ onMessage, onClose }: Pick<TransportEvents, 'onMessage' | 'onClose'>): Pick<Transport, 'send'> {
  const socket = new Socket({ fd: PROTOCOL_FD });
  const reader = new FrameReader(Infinity);
  socket.on('data', (bytes) => reader.push(bytes, ({ header, payload }) => onMessage(header, payload)));
  socket.on('error', () => undefined); // it closes then
  socket.on('close', onClose);
  return {
    send(header, payload) {
      const frame = encodeFrame(header, payload);
      socket.write(frame);
      return frame.length;
    },
  };
}
