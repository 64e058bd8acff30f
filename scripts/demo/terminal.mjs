/** Colours and line wrapping for a terminal. */
import { styleText } from 'node:util';

const isColoured = process.stdout.isTTY === true && !process.env.NO_COLOR;

/** The width of the terminal, within readable limits. */
export const WIDTH = Math.min(Math.max(process.stdout.columns ?? 100, 60), 100);

export const style = (format, text) => (isColoured ? styleText(format, text) : text);

/** Breaks `text` into lines of at most `width`, at spaces; a word that is longer (a path) is cut. */
export function wrap(text, width) {
  const lines = [''];
  for (const word of text.split(/\s+/).flatMap((whole) => cut(whole, width))) {
    const last = lines.at(-1);
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function cut(word, width) {
  const pieces = [];
  for (let at = 0; at < word.length; at += width) pieces.push(word.slice(at, at + width));
  return pieces;
}

/** Prints `text` wrapped, every line `indent` columns in, the first one after `lead`. */
export function print(lead, text, indent = lead.length, format) {
  const lines = wrap(text, WIDTH - indent).map((line) => (format === undefined ? line : style(format, line)));
  lines.forEach((line, index) => console.log(index === 0 ? lead.padEnd(indent) + line : ' '.repeat(indent) + line));
}

export function heading(text) {
  console.log(`\n${style('bold', text)}`);
}
