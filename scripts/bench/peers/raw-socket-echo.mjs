import { Socket } from 'node:net';
import { messagesOf } from './length-prefixed.mjs';

const socket = new Socket({ fd: 3 });
messagesOf(socket, (bytes, end) => socket.write(bytes.subarray(0, end)));
socket.on('error', () => process.exit());
socket.on('close', () => process.exit());
