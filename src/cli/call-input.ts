import { readFile } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import { ioError, messageOf } from '../errors/index.js';
import { UsageError, operand, text, type Arguments } from './command.js';

/** The JSON in the operand at `index`, or in `--input FILE`, where `-` is standard input; `fallback` if there is neither. @throws UsageError, LoadError ERR_IO */
export async function readInput(args: Arguments, index: number, fallback: string): Promise<unknown> {
  const [given, file] = [operand(args, index), text(args, 'input')];
  if (file === undefined) return parseJson(given || fallback, 'the parameters');
  if (given !== '') throw new UsageError('give the parameters as JSON or with --input, not both');
  return readJsonFile(file, 'the parameters');
}

/** The JSON in a file, where `-` is standard input. `what` it contains is said if it cannot be read. @throws UsageError, LoadError ERR_IO */
export async function readJsonFile(file: string, what: string): Promise<unknown> {
  const source = (await readSource(file, what)).replace(/^\uFEFF/, ''); // editors and shells on Windows write a byte order mark
  return parseJson(source, file === '-' ? 'standard input' : file);
}

/** @throws UsageError */
export function parseJson(json: string, what: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new UsageError(`${what} must be JSON: ${messageOf(error)}`);
  }
}

async function readSource(file: string, what: string): Promise<string> {
  if (file === '-') return textOf(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw ioError(`read ${what}`, cause, { path: file });
  }
}
