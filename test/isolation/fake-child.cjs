/** A child that has been taken over: it gets the host's messages, and answers as FAKE_CHILD_SCRIPT (a function body) says. */
const { existsSync, writeSync } = require('node:fs');
const { Socket } = require('node:net');

const socket = new Socket({ fd: 12 });
const raw = (bytes) => socket.write(bytes);

/** The layout in src/isolation/wire/binary-header.ts, written down a second time. */
const TYPES = ['', 'invoke', 'cancel', 'credit', 'pending', 'chunk', 'result', 'returned'];
const TAGS = ['none', 'stdout', 'stderr', 'delta', 'message', 'progress'];

function binaryHeader({ type, id, tag = 'none', isText = false }) {
  const header = Buffer.alloc(24);
  header[0] = TYPES.indexOf(type);
  header[1] = isText ? 1 : 0;
  header.writeUInt16LE(TAGS.indexOf(tag), 2);
  header.writeUIntLE(id, 8, 6);
  return header;
}

function parseHeader(header) {
  if (header[0] >= 0x20) return JSON.parse(header.toString());
  const type = TYPES[header[0]];
  const id = header.readUIntLE(8, 6);
  const [first, second, third] = [4, 16, 20].map((at) => header.readUInt32LE(at));
  if (type === 'credit') return { type, id, chunks: first, bytes: second + third * 2 ** 32 };
  if (type !== 'invoke') return { type, id };
  return { type, id, plugin: first, capability: second, method: header.readUInt16LE(2), chainLength: third, chunks: (header[1] & 1) > 0, drain: (header[1] & 2) > 0 };
}

/** The bytes of a header: of text or bytes as they are, of a message as a child would send it. */
function headerOf(message) {
  if (typeof message === 'string' || Buffer.isBuffer(message)) return Buffer.from(message);
  return TYPES.includes(message.type) ? binaryHeader(message) : Buffer.from(JSON.stringify(message));
}

const frame = (message, payload = '') => {
  const header = headerOf(message);
  const body = Buffer.from(payload);
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(4 + header.length + body.length, 0);
  lengths.writeUInt32LE(header.length, 4);
  return Buffer.concat([lengths, header, body]);
};
const send = (header, payload) => raw(frame(header, payload));

/** What a child that means well does, up to the first invocation. */
function behave(message) {
  const { type, request } = message;
  if (type === 'load') send({ type: 'loaded', request, isThreadSafe: true });
  if (type === 'register') send({ type: 'done', request }, JSON.stringify([{ kind: 'tool', name: 'echo', description: '' }]));
  if (type === 'init' || type === 'shutdown') send({ type: 'done', request });
  if (type === 'ping') send({ type: 'pong' });
  if (type === 'exit') process.exit(0);
}

/** Does nothing meanwhile, not even read. */
const sleep = (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** Sends a message, or several of them in one piece, before it returns, and waits where the host does not read. */
function sendNow(header, payload, count = 1) {
  for (let bytes = Buffer.concat(Array(count).fill(frame(header, payload))); bytes.length > 0; ) {
    try {
      bytes = bytes.subarray(writeSync(12, bytes));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      sleep(1);
    }
  }
}

/** Reads nothing until somebody makes the file. */
const sleepUntilThereIs = (file) => {
  while (!existsSync(file)) sleep(10);
};

const tools = { send, raw, frame, binaryHeader, behave, sendNow, sleep, sleepUntilThereIs };
const attack = new Function('message', 'payload', ...Object.keys(tools), process.env.FAKE_CHILD_SCRIPT);
/** After each piece that it reads: how slow a child can be that means well. */
const readPauseMs = Number(process.env.FAKE_CHILD_READ_PAUSE_MS ?? 0);
let pieces = [];
let size = 0;

/** Of the frame at the start; all of it is one piece by then, so that large ones are not copied again and again. */
function frameLength() {
  if (size < 8) return 8;
  if (pieces[0].length < 8) pieces = [Buffer.concat(pieces)];
  return 4 + pieces[0].readUInt32LE(0);
}

socket.on('data', (bytes) => {
  if (readPauseMs > 0) sleep(readPauseMs);
  pieces.push(bytes);
  size += bytes.length;
  for (let needed = frameLength(); size >= needed; needed = frameLength()) {
    const all = Buffer.concat(pieces);
    pieces = [all.subarray(needed)];
    size -= needed;
    const headerEnd = 8 + all.readUInt32LE(4);
    attack(parseHeader(all.subarray(8, headerEnd)), all.toString('utf8', headerEnd, needed), ...Object.values(tools));
  }
});
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(0));
send({ type: 'ready', version: 5, usesMessages: true });
