import { expect } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { until } from '../../support/host.js';

/** The two ends of a connection. */
export interface Pair {
  readonly socket: Socket;
  readonly peer: Socket;
  /** Waits until `text`, and nothing else, has arrived at the peer. */
  arrives(text: string): Promise<void>;
  close(): void;
}

export async function connectPair(): Promise<Pair> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connected = once(server, 'connection');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const ready = once(socket, 'ready');
  const [peer] = (await connected) as [Socket];
  await ready;
  let all = '';
  peer.on('data', (bytes: Buffer) => (all += bytes.toString('latin1')));
  return {
    socket,
    peer,
    async arrives(text) {
      await until(() => all.length >= text.length);
      expect(all === text).toBe(true);
    },
    close() {
      socket.destroy();
      peer.destroy();
      server.close();
    },
  };
}
