/**
 * Measures four ways to encode and decode a message with a text payload: `node scripts/bench-protocol.mjs`, on a built
 * package. src/isolation/wire/frames.ts uses the fastest; docs/isolation.md quotes the ratios.
 */
import { createRequire } from 'node:module';
import { deserialize, serialize } from 'node:v8';
import { again, compare, timed } from './bench/measure.mjs';

const require = createRequire(import.meta.url);
const { FrameReader, encodeFrame } = require('../build/modules/isolation/wire/frames.js');
const { utf8Of } = require('../build/modules/isolation/wire/utf8.js');

const MESSAGE = { type: 'invoke', id: 12345, plugin: 1, capability: 2, method: 0, chunks: false, drain: false, chainLength: 0 };
const ROUNDS = 11;

/** A length prefix, which every encoding needs. */
function withLength(body) {
  const frame = Buffer.allocUnsafe(4 + body.length);
  frame.writeUInt32LE(body.length, 0);
  body.copy(frame, 4);
  return frame;
}

const reader = new FrameReader(1 << 30, { binaryTypes: new Set(['invoke']), readJson: (header) => header });

const throughFrames = (message) => (text) => {
  let read;
  reader.push(encodeFrame(message, text), (header, payload) => {
    read = [header, utf8Of(payload)];
    return true;
  });
  return read;
};

const ENCODINGS = {
  'binary header + raw payload': throughFrames(MESSAGE),
  // A type that has no binary header.
  'JSON header + raw payload': throughFrames({ ...MESSAGE, type: 'load' }),
  'all in JSON': (text) => JSON.parse(withLength(Buffer.from(JSON.stringify({ ...MESSAGE, payload: text }))).toString('utf8', 4)),
  'v8.serialize': (text) => deserialize(withLength(serialize({ ...MESSAGE, payload: text })).subarray(4)),
};

/** JSON of about this many bytes, with many quotes, like typical tool input. */
function payloadOf(bytes, name) {
  const rows = [];
  for (let length = 2; length < bytes; length += 60) rows.push({ id: length, name, tags: ['a', 'b'] });
  return JSON.stringify(rows);
}

const options = { roundMs: 40, warmUpRounds: 3 };
const microseconds = (ns) => `${(ns / 1000).toFixed(1)} µs`;
const [[ours, encode], ...others] = Object.entries(ENCODINGS);
for (const [kind, name] of [['ASCII', 'Greetings, all'], ['other text', 'Grüße aus Köln']]) {
  for (const bytes of [64, 1024, 65_536, 1 << 20, 16 << 20]) {
    const text = payloadOf(bytes, name);
    const base = await timed(again(() => encode(text)), options);
    for (const [other, run] of others) {
      const result = await compare(base, await timed(again(() => run(text)), options), ROUNDS);
      const times = `${ours} ${microseconds(result.ours)}, ${other} ${microseconds(result.theirs)}`;
      console.log(`${text.length} characters of ${kind}: ${times}: ratio ${result.ratio.toFixed(2)}`);
    }
  }
}
