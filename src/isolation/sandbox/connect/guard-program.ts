import { TRACE_PROGRAM } from '../trace/trace-program.js';

/**
 * The thread of the host that connects for sandboxed plugins. It is text so that it needs no file of its own, which a bundle
 * would lose. A `connect` of a plugin waits in the kernel until this thread answers it. The thread compares its own copy of the
 * address with what was granted, connects the plugin's socket itself, and answers with the result: what the plugin writes to its
 * memory meanwhile changes nothing.
 *
 * It sleeps in `ppoll`, which Node could not end: the main thread wakes it before it ends the thread.
 */
export const GUARD_PROGRAM = `
'use strict';
const { workerData: { koffiPath, numbers, wakeFd }, parentPort, receiveMessageOnPort } = require('node:worker_threads');
const { readFileSync } = require('node:fs');
// Otherwise Node reads the package.json of the current folder, which a sandbox may forbid and which may be broken.
const koffi = require('node:module').createRequire(koffiPath)(koffiPath);
const libc = koffi.load(null);
const call = libc.func('syscall', 'int64_t', ['int64_t', ...Array(6).fill('intptr_t')]);
const system = (name, ...args) => {
  const values = args.map((arg) => (typeof arg === 'number' ? arg : Number(koffi.address(arg))));
  const result = call(numbers[name], ...values, ...Array(6 - args.length).fill(0));
  return result < 0 ? -koffi.errno() : result;
};
const own = (length) => Buffer.from(new ArrayBuffer(length));

const [RECEIVE, SEND, IS_VALID] = [0xc0502100, 0xc0182101, 0x40082102];
const [POLLIN, POLLOUT, POLLERR, POLLHUP, POLLNVAL] = [1, 4, 8, 16, 32];
const [F_GETFL, F_SETFL, O_NONBLOCK, SOL_SOCKET, SO_ERROR] = [3, 4, 0o4000, 1, 4];
const [EACCES, EAGAIN, EINTR, EINPROGRESS, EBADF] = [13, 11, 4, 115, 9];
/** Connections of one child that are not made yet. Each has a descriptor of the host. */
const MAX_CONNECTING = 64;
const [AF_INET, AF_INET6] = [2, 10];
const MAX_ADDRESS = 128;

/** Sandboxed processes by number; connections that have not been made yet, by descriptor. */
const guarded = new Map();
const connecting = new Map();

const answer = (listener, id, error) => {
  const reply = own(24);
  reply.writeBigUInt64LE(id, 0);
  reply.writeInt32LE(-error, 16);
  system('ioctl', listener, SEND, reply); // fails if the caller is gone
};
const isWaiting = (listener, id) => {
  const at = own(8);
  at.writeBigUInt64LE(id, 0);
  return system('ioctl', listener, IS_VALID, at) === 0;
};

const groups = (bytes) => Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16)).join(':');
/** The endpoint in a struct sockaddr; undefined for other families. */
const endpointOf = (address) => {
  const family = address.length >= 16 ? address.readUInt16LE(0) : 0;
  const port = address.length >= 16 ? address.readUInt16BE(2) : 0;
  if (family === AF_INET) return { ip: [...address.subarray(4, 8)].join('.'), port };
  if (family !== AF_INET6 || address.length < 28) return undefined;
  const bytes = address.subarray(8, 24);
  const isMapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes.readUInt16BE(10) === 0xffff;
  return { ip: isMapped ? [...bytes.subarray(12)].join('.') : new URL('http://[' + groups(bytes) + ']').hostname.slice(1, -1), port };
};

/** Its own copy of the address that a thread of the plugin passed. */
const readAddress = (thread, at, length) => {
  const address = own(MAX_ADDRESS);
  const parts = own(32);
  parts.writeBigUInt64LE(BigInt(koffi.address(address)), 0);
  parts.writeBigUInt64LE(BigInt(length), 8);
  parts.writeBigUInt64LE(at, 16);
  parts.writeBigUInt64LE(BigInt(length), 24);
  const base = Number(koffi.address(parts));
  const read = system('process_vm_readv', thread, base, 1, base + 16, 1, 0);
  void parts.length;
  return read === length ? address.subarray(0, length) : undefined;
};

/** Takes a copy of a descriptor: of the plugin's process or, if that may run programs, of the process that the thread is in. */
const takeSocket = (child, thread, fd) => {
  const process = child.mayRun ? processOf(thread) : undefined;
  if (process === undefined) return system('pidfd_getfd', child.pidfd, fd, 0);
  const pidfd = system('pidfd_open', process, 0);
  if (pidfd < 0) return pidfd;
  const socket = system('pidfd_getfd', pidfd, fd, 0);
  system('close', pidfd);
  return socket;
};
const processOf = (thread) => {
  try {
    return Number(/^Tgid:\\s+(\\d+)/m.exec(readFileSync('/proc/' + thread + '/status', 'latin1'))[1]);
  } catch {
    return 0; // it has ended
  }
};

const connectFor = (child, request) => {
  const { id, thread, fd, address } = request;
  const open = [...connecting.values()].filter((other) => other.child === child).length;
  if (open >= MAX_CONNECTING) return answer(child.listener, id, EAGAIN);
  const socket = takeSocket(child, thread, fd);
  if (socket < 0 || !isWaiting(child.listener, id)) {
    if (socket >= 0) system('close', socket);
    return answer(child.listener, id, socket < 0 ? EBADF : EINTR);
  }
  // A socket that waits must not make this thread wait.
  const flags = system('fcntl', socket, F_GETFL);
  const waits = flags >= 0 && (flags & O_NONBLOCK) === 0;
  if (waits) system('fcntl', socket, F_SETFL, flags | O_NONBLOCK);
  const copy = own(address.length);
  address.copy(copy);
  const result = system('connect', socket, copy, copy.length);
  if (waits && result === -EINPROGRESS) return connecting.set(socket, { child, id, flags });
  if (waits) system('fcntl', socket, F_SETFL, flags);
  system('close', socket);
  answer(child.listener, id, result < 0 ? -result : 0);
};
const finish = (socket) => {
  const { child, id, flags } = connecting.get(socket);
  connecting.delete(socket);
  const [error, length] = [own(4), own(4)];
  length.writeUInt32LE(4);
  system('getsockopt', socket, SOL_SOCKET, SO_ERROR, error, length);
  system('fcntl', socket, F_SETFL, flags);
  system('close', socket);
  if (guarded.has(child.number)) answer(child.listener, id, error.readInt32LE(0));
};

const refuse = (child, { id }, endpoint) => {
  if (child.trace !== undefined) report(child, { call: 'connect', target: textOf(endpoint), key: 'connect' });
  answer(child.listener, id, EACCES);
};
const decide = (child) => {
  const asked = own(80);
  if (system('ioctl', child.listener, RECEIVE, asked) < 0) return;
  if (child.trace !== undefined && decideTraced(child, asked) !== false) return;
  const id = asked.readBigUInt64LE(0);
  const length = Number(asked.readBigUInt64LE(48) & 0xffffffffn);
  const address = length <= MAX_ADDRESS ? readAddress(asked.readUInt32LE(8), asked.readBigUInt64LE(40), length) : undefined;
  const endpoint = address && endpointOf(address);
  if (endpoint === undefined || !isWaiting(child.listener, id)) return answer(child.listener, id, EACCES);
  const request = { id, thread: asked.readUInt32LE(8), fd: Number(asked.readBigUInt64LE(32) & 0xffffffffn), address };
  if ([endpoint.ip, '*'].some((host) => child.exact.has(host + '|' + endpoint.port))) return connectFor(child, request);
  if (!child.hasNames) return refuse(child, request, endpoint);
  request.endpoint = endpoint;
  child.questions.set(id, request);
  parentPort.postMessage({ number: child.number, id, ...endpoint });
};

const drop = (number) => {
  const child = guarded.get(number);
  if (child === undefined) return;
  guarded.delete(number);
  for (const [socket, { child: owner }] of connecting) if (owner === child) { connecting.delete(socket); system('close', socket); }
  system('close', child.listener);
  system('close', child.pidfd);
};
const take = (message) => {
  if (message.type === 'guard') guarded.set(message.number, { ...message, exact: new Set(message.exact), questions: new Map() });
  else if (message.type === 'drop') drop(message.number);
  else if (message.type === 'verdict') {
    const child = guarded.get(message.number);
    const request = child?.questions.get(message.id);
    if (request === undefined) return;
    child.questions.delete(message.id);
    if (message.isGranted) connectFor(child, request);
    else refuse(child, request, request.endpoint);
  } else for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); // 'end': at rest, the thread can be ended
};

${TRACE_PROGRAM}
const ENTRY = 8;
for (;;) {
  for (let next; (next = receiveMessageOnPort(parentPort)) !== undefined; ) take(next.message);
  const children = [...guarded.values()];
  const sockets = [...connecting.keys()];
  const all = [[wakeFd, POLLIN], ...children.map(({ listener }) => [listener, POLLIN]), ...sockets.map((socket) => [socket, POLLOUT])];
  const list = own(all.length * ENTRY);
  all.forEach(([fd, events], i) => {
    list.writeInt32LE(fd, i * ENTRY);
    list.writeInt16LE(events, i * ENTRY + 4);
  });
  if (system('ppoll', list, all.length, 0, 0, 0) <= 0) continue;
  const happened = (i) => list.readInt16LE(i * ENTRY + 6);
  if (happened(0) !== 0) system('read', wakeFd, own(64), 64);
  children.forEach((child, i) => {
    const events = happened(1 + i);
    if (events & POLLIN) decide(child);
    else if (events & (POLLERR | POLLHUP | POLLNVAL)) drop(child.number);
  });
  sockets.forEach((socket, i) => {
    if (happened(1 + children.length + i) !== 0 && connecting.has(socket)) finish(socket);
  });
}
`;
