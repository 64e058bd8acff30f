import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { devNull } from 'node:os';
import type { Readable } from 'node:stream';
import type { ProcessEnd } from '../../errors/index.js';
import { LoadError, messageOf, systemCode } from '../../errors/index.js';
import { startFolder } from '../../options/folders.js';
import { PROTOCOL_FD, type ChildArgument } from '../wire/messages.js';
import { SocketTransport } from '../wire/socket-transport.js';
import type { Transport, TransportEvents } from '../wire/transport.js';

export interface SpawnOptions {
  /** The absolute path of Node. */
  readonly node: string;
  readonly entry: string;
  readonly argument: ChildArgument;
  readonly env: NodeJS.ProcessEnv;
}

/** A started process and its three ways out. None of them keeps the host running. */
export interface Spawned {
  readonly process: ChildProcess;
  /** To be called once. */
  readonly connect: (maxPayloadBytes: number, events: TransportEvents) => Transport;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

const isWindows = process.platform === 'win32';

/** Children that may be alive, for when the host ends. */
const alive = new Set<ChildProcess>();
let watching = false;

/** Starts a process in a group of its own. @throws LoadError ERR_CHILD_PROCESS */
export async function spawnChild({ node, entry, argument, env }: SpawnOptions): Promise<Spawned> {
  let nothing: number | undefined;
  try {
    // Above 2 Node's own 'ignore' leaves them closed, and the child's first files would take their places.
    nothing = openSync(devNull, 'r+');
    requireDescriptors();
    const unused = Array.from({ length: PROTOCOL_FD - 3 }, () => nothing);
    const child = spawn(node, [entry, JSON.stringify(argument)], {
      env,
      cwd: startFolder(),
      stdio: ['ignore', 'pipe', 'pipe', ...unused, 'pipe'],
      // On Windows a process that is not detached ends with its parent, by the job that libuv puts it into.
      detached: !isWindows,
      windowsHide: true,
    });
    await once(child, 'spawn');
    keepTrack(child);
    return unreferenced(child);
  } catch (cause) {
    const advice = nothing === undefined && systemCode(cause) === 'ENOENT' ? `A child needs ${devNull}: provide it where the host runs.` : undefined;
    throw new LoadError('ERR_CHILD_PROCESS', { reason: messageOf(cause), advice }, { cause });
  } finally {
    if (nothing !== undefined) closeSync(nothing);
  }
}

/** What a spawn takes for a moment beside `nothing`: three pairs of sockets, and a pipe of libuv's. */
const DESCRIPTORS = 8;

/** Node leaks the sockets of a spawn that fails with EMFILE half-way: so it must not begin one. @throws the system's error */
function requireDescriptors(): void {
  if (isWindows) return;
  const opened: number[] = [];
  try {
    while (opened.length < DESCRIPTORS) opened.push(openSync(devNull, 'r'));
  } finally {
    opened.forEach((descriptor) => closeSync(descriptor));
  }
}

function keepTrack(child: ChildProcess): void {
  if (!watching) process.on('exit', () => alive.forEach(killTree));
  watching = true;
  alive.add(child);
  child.on('error', () => undefined); // of a kill that came too late
}

function unreferenced(child: ChildProcess): Spawned {
  const { stdout, stderr } = child as { stdout: Readable; stderr: Readable };
  const socket = (child.stdio as readonly unknown[])[PROTOCOL_FD] as Socket;
  child.unref();
  for (const stream of [socket, stdout, stderr] as Socket[]) stream.unref();
  const connect: Spawned['connect'] = (maxPayloadBytes, events) => new SocketTransport(socket, maxPayloadBytes, events);
  return { process: child, connect, stdout, stderr };
}

/** It has ended. Another process may get its id, which must not be killed. */
export function forgetChild(child: ChildProcess): void {
  alive.delete(child);
}

/**
 * Kills a child and, where the system has groups, all that it started. Also after its end, for what it left. Returns the
 * system's code where it may not: EPERM, where the host has changed its user.
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
    return code === 'ESRCH' ? undefined : code; // nobody is left of the group
  }
}

/** On Windows an exit code of this size is an exception's: 0xC0000005 is an access violation. */
const EXCEPTION = 0x8000_0000;

export function describeEnd(exitCode: number | null, signal: NodeJS.Signals | null): ProcessEnd {
  const code = exitCode !== null && exitCode >>> 0 >= EXCEPTION ? `0x${(exitCode >>> 0).toString(16).toUpperCase()}` : String(exitCode);
  return { exitCode, signal, reason: signal === null ? `exited with code ${code}` : `was killed by ${signal}` };
}
