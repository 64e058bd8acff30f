import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import { LineGate } from './budget.js';

/** Of a line that is longer the rest is left out. */
const LONGEST_LINE = 8192;

/** Hands on what comes out of `stream` line by line, bounded in length and number. The last line may lack its end. */
export function eachLine(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8');
  const gate = new LineGate();
  let line = '';
  let isCut = false;
  const add = (part: string): void => {
    isCut ||= line.length + part.length > LONGEST_LINE;
    line = (line + part).slice(0, LONGEST_LINE);
  };
  const end = (): void => {
    const whole = isCut ? `${line} … (cut at ${LONGEST_LINE} characters)` : line.replace(/\r$/, '');
    line = '';
    isCut = false;
    if (whole.trim() !== '') gate.through(whole.length, onLine, () => onLine(whole));
  };
  stream.on('data', (bytes: Buffer) => {
    const [first = '', ...others] = decoder.write(bytes).split('\n');
    add(first);
    for (const part of others) {
      end();
      add(part);
    }
  });
  stream.on('error', () => undefined); // the process's end is told of elsewhere
  stream.on('close', () => {
    end();
    gate.flush(onLine);
  });
}
