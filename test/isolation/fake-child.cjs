/** A child that has been taken over: it gets the host's messages, and answers as FAKE_CHILD_SCRIPT (a function body) says. */
const { writeSync } = require('node:fs');
const { Socket } = require('node:net');

const socket = new Socket({ fd: 12 });
const raw = (bytes) => socket.write(bytes);
const frame = (header, payload = '') => {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const body = Buffer.from(payload);
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(4 + json.length + body.length, 0);
  lengths.writeUInt32LE(json.length, 4);
  return Buffer.concat([lengths, json, body]);
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

/** Sends before it returns, and waits where the host does not read. */
function sendNow(header, payload) {
  for (let bytes = frame(header, payload); bytes.length > 0; ) {
    try {
      bytes = bytes.subarray(writeSync(12, bytes));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      sleep(1);
    }
  }
}

const tools = { send, raw, frame, behave, sendNow, sleep };
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
    attack(JSON.parse(all.toString('utf8', 8, headerEnd)), all.toString('utf8', headerEnd, needed), ...Object.values(tools));
  }
});
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(0));
send({ type: 'ready', version: 1 });
