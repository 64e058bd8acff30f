import { afterAll } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';
import { getSystemErrorName } from 'node:util';
import { InvocationError } from '../../../../src/errors/index.js';
import type { ProcessLoaderOptions } from '../../../../src/isolation/proxy/process-loader.js';
import type { Sandbox } from '../../../../src/report/child-sandbox.js';
import { folderOf, temporaryFolder } from '../../../support/fixtures.js';
import { until } from '../../../support/host.js';
import { openIn, type HomeHost } from '../../homes.js';

/** What attacks are aimed at, beside files: another process of this user, and sockets on which this one listens. */
export interface Victims {
  readonly pid: number;
  readonly port: number;
  readonly socket: string;
}

const servers: Server[] = [];
const processes: ChildProcess[] = [];
afterAll(() => {
  for (const server of servers) server.close();
  for (const child of processes) child.kill('SIGKILL');
});

async function listen(at: string | number): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume()).listen(at);
  servers.push(server);
  await once(server, 'listening');
  return server;
}

export async function startVictims(): Promise<Victims> {
  const socket = path.join(temporaryFolder(), 's');
  const { port } = (await listen(0)).address() as AddressInfo;
  await listen(socket);
  const child = spawn('sleep', ['100000'], { stdio: 'ignore', detached: true });
  processes.push(child);
  await once(child, 'spawn');
  return { pid: child.pid!, port, socket };
}

/** How an attack ended: 'reached', the name of an error, or how the process ended. */
export type Outcome = string;

/** A plugin that attacks. Its process may end, and is started again. */
export class Attacker {
  #attacks = 0;

  private constructor(
    private readonly host: HomeHost,
    private readonly plugin: string,
    private readonly data: string,
    private readonly victims: Victims,
  ) {}

  static async open(victims: Victims, grants: Partial<Sandbox> | undefined, onDenied?: ProcessLoaderOptions['onDenied']): Promise<Attacker> {
    const dataDir = path.join(temporaryFolder(), 'data');
    const pluginDir = folderOf('attacker');
    mkdirSync(dataDir);
    const restart = { firstPauseMs: 1, longestPauseMs: 1, most: 1000 };
    const host = await openIn('process', ['attacker'], { pluginDirs: [pluginDir], dataDir, restart, grants: grants ?? false, ...(onDenied !== undefined && { onDenied }) });
    return new Attacker(host, path.join(pluginDir, 'attacker'), dataDir, victims);
  }

  /** What the host has logged. */
  get log(): string {
    return this.host.log.map(({ message }) => message).join('\n');
  }

  get pid(): number | undefined {
    return this.host.remote('attacker').pid;
  }

  /** Kills the process, and waits for the next one. */
  async restart(): Promise<void> {
    const { pid = 0 } = this;
    process.kill(pid, 'SIGKILL');
    await until(() => this.pid !== undefined && this.pid !== pid);
  }

  /** The names of all attacks, by kind. */
  async attacks(): Promise<Readonly<Record<string, readonly string[]>>> {
    const attacks: unknown = await this.host.tool('attacks').call({});
    return attacks as Record<string, string[]>;
  }

  /** `folder` and `secret` are not granted. */
  async run(attack: string, folder: string, secret = path.join(folder, 'secret')): Promise<Outcome> {
    const data = path.join(this.data, String(this.#attacks++));
    mkdirSync(data);
    const own = path.join(this.plugin, 'own');
    writeFileSync(own, 'own');
    try {
      const answer: unknown = await this.host.tool('attack').call({ attack, ...this.victims, folder, secret, data, own });
      const { result } = answer as { result: number };
      return result === 0 ? 'reached' : getSystemErrorName(result);
    } catch (error) {
      if (error instanceof InvocationError && error.code === 'ERR_PLUGIN_CRASHED') return error.signal ?? 'exited';
      throw error;
    }
  }
}

/** A folder with a file, and an empty folder. */
export function makeOutside(): string {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'secret'), 'secret', { mode: 0o600 });
  mkdirSync(path.join(folder, 'empty'));
  return folder;
}

/** All that a change of a folder would change. */
export function stateOf(folder: string): unknown {
  const names = ['.', ...readdirSync(folder).sort()];
  return names.map((name) => {
    const file = path.join(folder, name);
    const { mode, uid, gid, size, mtimeNs, ctimeNs, ino, nlink } = lstatSync(file, { bigint: true });
    return { name, text: name === 'secret' ? readFileSync(file, 'utf8') : '', numbers: [mode, uid, gid, size, mtimeNs, ctimeNs, ino, nlink].map(String) };
  });
}
