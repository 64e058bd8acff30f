/** A child that has been taken over: it gets the host's messages, and answers as FAKE_CHILD_SCRIPT (a function body) says. */
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
  if (type === 'load') send({ type: 'loaded', request, isThreadSafe: true, wantsOneThread: false });
  if (type === 'register') send({ type: 'done', request }, JSON.stringify([{ kind: 'tool', name: 'echo', description: '' }]));
  if (type === 'init' || type === 'shutdown') send({ type: 'done', request });
  if (type === 'ping') send({ type: 'pong' });
  if (type === 'exit') process.exit(0);
}

const attack = new Function('message', 'send', 'raw', 'frame', 'behave', 'payload', process.env.FAKE_CHILD_SCRIPT);
let waiting = Buffer.alloc(0);
socket.on('data', (bytes) => {
  waiting = Buffer.concat([waiting, bytes]);
  while (waiting.length >= 8 && waiting.length >= 4 + waiting.readUInt32LE(0)) {
    const end = 4 + waiting.readUInt32LE(0);
    const headerEnd = 8 + waiting.readUInt32LE(4);
    const message = JSON.parse(waiting.toString('utf8', 8, headerEnd));
    const payload = waiting.toString('utf8', headerEnd, end);
    waiting = waiting.subarray(end);
    attack(message, send, raw, frame, behave, payload);
  }
});
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(0));
send({ type: 'ready', version: 1 });
