import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { devNull } from 'node:os';
import type { Readable } from 'node:stream';
import type { ProcessEnd } from '../../errors/index.js';
import { LoadError, messageOf, systemCode, permissionAdvice } from '../../errors/index.js';
import { startFolder } from '../../options/folders.js';
import { closeDescriptor, createSharedMemory, mapSharedMemory, type SharedMemory } from '../../library/index.js';
import { CallTransport } from '../wire/call-transport.js';
import { SocketChannel } from '../wire/call-socket/socket-channel.js';
import { PROTOCOL_FD, CALL_FD, type CallWay, type ChildArgument } from '../wire/messages.js';
import { MEMORY_BYTES } from '../wire/slot-layout.js';
import { RingChannel } from '../wire/shared-memory/ring-channel.js';
import { SocketTransport } from '../wire/socket-transport.js';
import type { Transport, TransportEvents } from '../wire/transport.js';
import type { ChildCgroup } from './child-cgroup.js';
import { childProgram, type ChildProgram } from './child-program.js';
import { jsonText } from '../../options/json-text.js';

export interface SpawnOptions {
  /** The absolute path of Node. */
  readonly node: string;
  readonly entry: string;
  readonly argument: Omit<ChildArgument, 'calls'>;
  /** How calls should reach it. With 'memory', they go through the socket if the system cannot share memory. */
  readonly calls: CallWay | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** What it may reach; `undefined` for everything that this user may. */
  readonly sandbox: ChildProgram['sandbox'];
}

/** A started process with its connection and output. None of these keeps the host running. */
export interface Spawned {
  readonly process: ChildProcess;
  /** For a launcher, before the first message. */
  readonly order: (bytes: Buffer) => void;
  /** Must be called only once. */
  readonly connect: (maxPayloadBytes: number, events: TransportEvents) => Transport;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The control group that it is in, if it has one of its own. */
  readonly group?: ChildCgroup;
}

const isWindows = process.platform === 'win32';

/** Children that may be running. They are killed when the host exits. */
const alive = new Set<ChildProcess>();
let isExitWatched = false;

/** Starts a child as the leader of its own process group. @throws LoadError ERR_CHILD_PROCESS */
export async function spawnChild({ node, entry, argument, calls, env, sandbox }: SpawnOptions): Promise<Spawned> {
  const unused: number[] = [];
  let shared: Shared | undefined;
  try {
    // For descriptors above 2, Node's 'ignore' leaves them closed, so the child's first files would get their numbers. One for
    // each: Deno passes on a descriptor only once. On Windows they belong to a C library, and with one that is passed on libuv leaves
    // the child in the host's console, where Ctrl-C would end it.
    while (!isWindows && unused.length < PROTOCOL_FD - 3) unused.push(openSync(devNull, 'r+'));
    const places = Array.from({ length: PROTOCOL_FD - 3 }, (_, place) => unused[place] ?? ('ignore' as const));
    requireDescriptors();
    shared = calls === 'memory' ? shareMemory() : undefined;
    const way = callWay(calls, shared);
    const text = jsonText({ ...argument, calls: way } satisfies ChildArgument);
    const child = spawn(node, childProgram({ entry, argument: text, calls: way, sandbox }), {
      env,
      cwd: startFolder(),
      // 'overlapped' is a pipe that Windows can read and write at the same time. Elsewhere it is 'pipe'.
      stdio: ['ignore', 'pipe', 'pipe', ...places, 'overlapped', ...(way === undefined ? [] : ['pipe' as const]), ...(shared === undefined ? [] : [shared.fd])],
      // On Windows libuv puts a process that is not detached into a job, which ends with the host.
      detached: !isWindows,
      windowsHide: true,
    });
    await once(child, 'spawn');
    trackChild(child);
    return unreferenced(child, way, shared?.memory);
  } catch (cause) {
    shared?.memory.release();
    const advice = !isWindows && unused.length === 0 && systemCode(cause) === 'ENOENT' ? `A child needs ${devNull}: provide it where the host runs.` : permissionAdvice(cause);
    throw new LoadError('ERR_CHILD_PROCESS', { reason: messageOf(cause), advice }, { cause });
  } finally {
    for (const descriptor of unused) closeSync(descriptor);
    if (shared !== undefined) closeDescriptor(shared.fd);
  }
}

/** A spawn needs this many for a moment: four socket pairs, a pipe of libuv, and the shared memory. */
const SPAWN_DESCRIPTORS = 11;

/** Node leaks sockets if a spawn fails half-way with EMFILE, so the spawn must not begin. @throws the system's error */
function requireDescriptors(): void {
  if (isWindows) return;
  const opened: number[] = [];
  try {
    while (opened.length < SPAWN_DESCRIPTORS) opened.push(openSync(devNull, 'r'));
  } finally {
    opened.forEach((descriptor) => closeSync(descriptor));
  }
}

/** Kills a process when the host exits, until `forgetChild`. */
export function trackChild(child: ChildProcess): void {
  if (!isExitWatched) process.on('exit', () => alive.forEach(killTree));
  isExitWatched = true;
  alive.add(child);
  child.on('error', () => undefined); // from a kill after its exit
}

/** On Windows a thread cannot wait for libuv's pipes. */
function callWay(wanted: CallWay | undefined, shared: Shared | undefined): CallWay | undefined {
  if (wanted === undefined || isWindows) return undefined;
  return shared === undefined ? 'socket' : 'memory';
}

interface Shared {
  readonly fd: number;
  readonly memory: SharedMemory;
}

/** Returns `undefined` if the system has no such memory, or no room for it. */
function shareMemory(): Shared | undefined {
  const fd = createSharedMemory(MEMORY_BYTES);
  if (fd === undefined) return undefined;
  const memory = mapSharedMemory(fd, MEMORY_BYTES);
  if (memory !== undefined) return { fd, memory };
  closeSync(fd);
  return undefined;
}

function unreferenced(child: ChildProcess, way: CallWay | undefined, memory: SharedMemory | undefined): Spawned {
  const { stdout, stderr } = child as { stdout: Readable; stderr: Readable };
  const streams = child.stdio as readonly unknown[] as readonly (Socket | undefined)[];
  const socket = streams[PROTOCOL_FD]!;
  const calls = way === undefined ? undefined : streams[CALL_FD];
  child.unref();
  for (const stream of [socket, calls, stdout, stderr] as (Socket | undefined)[]) stream?.unref();
  const connect: Spawned['connect'] = (maxPayloadBytes, events) => {
    if (calls === undefined) return new SocketTransport(socket, maxPayloadBytes, events);
    return new CallTransport(socket, maxPayloadBytes, events, (channelEvents) =>
      memory === undefined ? new SocketChannel(calls, channelEvents) : new RingChannel(memory, calls, channelEvents),
    );
  };
  return { process: child, order: (bytes) => socket.write(bytes), connect, stdout, stderr };
}

/** The child has exited. Another process may get its id and must not be killed. */
export function forgetChild(child: ChildProcess): void {
  alive.delete(child);
}

/**
 * Kills a child and, except on Windows, every process in its group, also after the child's exit. Returns the system's error
 * code if that failed: EPERM if the host has changed its user.
 */
export function killTree(child: ChildProcess): string | undefined {
  if (child.pid === undefined) return undefined;
  if (isWindows) {
    child.kill('SIGKILL');
    return undefined;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
    return undefined;
  } catch (error) {
    const code = systemCode(error);
    return code === 'ESRCH' ? undefined : code; // the group has no processes left
  }
}

/** On Windows, exit codes from here on are exceptions: 0xC0000005 is an access violation. */
const FIRST_EXCEPTION = 0x8000_0000;

export function describeEnd(exitCode: number | null, signal: NodeJS.Signals | null): ProcessEnd {
  const code = exitCode !== null && exitCode >>> 0 >= FIRST_EXCEPTION ? `0x${(exitCode >>> 0).toString(16).toUpperCase()}` : String(exitCode);
  return { exitCode, signal, reason: signal === null ? `exited with code ${code}` : `was killed by ${signal}` };
}
