/**
 * The part of the thread of the host (guard-program.ts) that finds out what a plugin is denied. Each call that the sandbox may deny
 * waits until this has decided: the filters are run here, and for paths the rules of Landlock are compared. What is allowed goes on in the
 * kernel, where Landlock decides once more. So a plugin that changes the path meanwhile is reported wrongly, and gets nothing.
 */
export const TRACE_PROGRAM = `
const { realpathSync, statSync, readlinkSync } = require('node:fs');
const [RETURN, LOAD, AND, JUMP, EQUAL, AT_LEAST] = [0x06, 0x20, 0x54, 0x05, 0x15, 0x35];
const [ERRNO, ACTION, CONTINUE, ENOSYS] = [0x00050000, 0x7fff0000, 1, 38];
const [AT_FDCWD, O_ACCMODE, O_CREAT, O_PATH, MAX_PATH, PAGE] = [-100, 3, 0o100, 0o10000000, 4096, 4096];
const [RUN, WRITE_FILE, READ_FILE, READ_DIR] = [1, 2, 4, 8];

/** Arguments of a call in a struct seccomp_notif. */
const argument = (asked, index) => asked.readBigUInt64LE(32 + 8 * index);
const low = (asked, index) => asked.readInt32LE(32 + 8 * index);
/** The result of a filter for a call. */
const filtered = (program, asked) => {
  let value = 0;
  for (let at = 0; ; at++) {
    const [code, yes, no, operand] = program[at];
    if (code === RETURN) return operand;
    if (code === LOAD) value = asked.readUInt32LE(16 + operand);
    else if (code === AND) value = (value & operand) >>> 0;
    else if (code === JUMP) at += operand;
    else at += (code === EQUAL ? value === operand : code === AT_LEAST ? value >= operand : (value & operand) !== 0) ? yes : no;
  }
};

/** Text in the memory of a thread, up to its NUL; undefined if it cannot be read. */
const readText = (thread, at) => {
  const bytes = own(MAX_PATH);
  for (let length = 0; length < MAX_PATH; ) {
    const part = Math.min(PAGE - Number((at + BigInt(length)) % BigInt(PAGE)), MAX_PATH - length);
    const parts = own(32);
    [BigInt(koffi.address(bytes)) + BigInt(length), BigInt(part), at + BigInt(length), BigInt(part)].forEach((word, i) => parts.writeBigUInt64LE(word, 8 * i));
    const base = Number(koffi.address(parts));
    if (system('process_vm_readv', thread, base, 1, base + 16, 1, 0) !== part) return undefined;
    const end = bytes.subarray(length, length + part).indexOf(0);
    if (end >= 0) return bytes.toString('utf8', 0, length + end);
    length += part;
  }
  return undefined;
};

/** The path that a call means, from the folder of a descriptor. */
const pathOf = (thread, asked, { folder, path }) => {
  const text = readText(thread, argument(asked, path));
  if (text === undefined || text === '') return undefined;
  if (text.startsWith('/')) return text.replace(/^\\/proc\\/(self|thread-self)(?=\\/|$)/, '/proc/' + processOf(thread));
  const fd = folder === undefined ? AT_FDCWD : low(asked, folder);
  try {
    return readlinkSync('/proc/' + thread + (fd === AT_FDCWD ? '/cwd' : '/fd/' + fd)) + '/' + text;
  } catch {
    return undefined;
  }
};
const attempt = (get) => { try { return get(); } catch { return undefined; } };
/** Without links; the last part need not exist. Undefined if its folder does not: then the kernel says so. */
const realPath = (path) => {
  const known = attempt(() => realpathSync(path));
  if (known !== undefined) return { path: known, exists: true };
  const end = path.replace(/\\/+$/, '').lastIndexOf('/');
  const folder = attempt(() => realpathSync(path.slice(0, end) || '/'));
  return folder && { path: (folder === '/' ? '' : folder) + '/' + path.slice(end + 1), exists: false };
};
const isBelow = (path, folder) => path === folder || path.startsWith(folder === '/' ? '/' : folder + '/');
const mayReach = (trace, path, right) => trace.rules.some(([folder, rights]) => (rights & right) !== 0 && isBelow(path, folder));

/** The right that a call needs for a path; undefined if none. */
const rightFor = (asked, { access, flags: index }, { path, exists }) => {
  if (access !== 'open') return access === 'run' ? RUN : WRITE_FILE;
  const flags = low(asked, index);
  if ((flags & O_PATH) !== 0 || (!exists && (flags & O_CREAT) === 0)) return undefined;
  if ((flags & O_ACCMODE) !== 0 || !exists) return WRITE_FILE;
  return attempt(() => statSync(path).isDirectory()) ? READ_DIR : READ_FILE;
};
const PERMISSIONS = { [RUN]: 'run', [WRITE_FILE]: 'write', [READ_FILE]: 'read', [READ_DIR]: 'read' };

const report = (child, denial) => parentPort.postMessage({ type: 'denied', number: child.number, denial });
/** A path of this call that the rules do not have; undefined if there is none. This package tries files of its own process in /proc, which no permission can name. */
const deniedPath = (child, thread, asked, call) => {
  for (const place of call.paths) {
    const given = pathOf(thread, asked, place);
    const real = given && realPath(given);
    const right = real && rightFor(asked, call, real);
    if (right !== undefined && !isBelow(real.path, '/proc/' + child.trace.pid) && !mayReach(child.trace, real.path, right)) return { call: call.name, target: real.path, key: PERMISSIONS[right] };
  }
  return undefined;
};

/** Decides a call of a traced child, unless it is a connect of one that asks for that. */
const decideTraced = (child, asked) => {
  const { filters, calls, asksToConnect } = child.trace;
  const id = asked.readBigUInt64LE(0);
  const thread = asked.readUInt32LE(8);
  const number = asked.readInt32LE(16);
  const result = filters.map((program) => filtered(program, asked)).find((action) => (action & ACTION) === ERRNO);
  const call = calls[number] ?? { name: 'system call ' + number, paths: [] };
  if (result !== undefined) {
    const target = call.paths.length > 0 ? pathOf(thread, asked, call.paths.at(-1)) : call.port === undefined ? undefined : portOf(thread, asked, call.port);
    if ((result & 0xffff) !== ENOSYS) report(child, { call: call.name, ...(target && { target }), ...(call.key && { key: call.key }) });
    return answer(child.listener, id, result & 0xffff);
  }
  if (asksToConnect && number === numbers.connect) return false;
  const denied = deniedPath(child, thread, asked, call);
  if (denied !== undefined) report(child, denied);
  const reply = own(24);
  reply.writeBigUInt64LE(id, 0);
  reply.writeUInt32LE(CONTINUE, 20);
  system('ioctl', child.listener, SEND, reply);
};
const textOf = ({ ip, port }) => (ip.includes(':') ? '[' + ip + ']' : ip) + ':' + port;
/** The endpoint in an address that a call passes. */
const portOf = (thread, asked, index) => {
  const length = low(asked, index + 1);
  const address = length > 0 && length <= MAX_ADDRESS ? readAddress(thread, argument(asked, index), length) : undefined;
  const endpoint = address && endpointOf(address);
  return endpoint && textOf(endpoint);
};
`;
