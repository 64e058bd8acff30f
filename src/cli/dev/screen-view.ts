import type { Buffer } from 'node:buffer';
import type { Terminal } from '../terminal.js';
import { screenLines } from './screen.js';
import { START, type DevState, type DevView } from './view.js';

const MAX_LOG = 200;
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const CTRL_C = '\x03';

/** A screen that is drawn again after each change, and keys. */
export function screenView({ out }: Terminal, onKey: (key: string) => void): DevView {
  const { stdout, stdin } = process;
  const log: string[] = [];
  let state: DevState = START;
  const draw = (): void => {
    const lines = screenLines(state, log, { columns: stdout.columns, rows: stdout.rows }, out);
    stdout.write(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`);
  };
  const onData = (keys: Buffer): void => {
    for (const key of keys.toString('latin1')) onKey(key === CTRL_C ? 'q' : key);
  };
  const leave = (): void => void stdout.write(LEAVE);
  stdout.write(ENTER);
  process.on('exit', leave);
  stdout.on('resize', draw);
  if (stdin.isTTY) stdin.setRawMode(true).on('data', onData);
  return {
    line(kind, text) {
      log.push(...[text].flat().map((line) => `${kind}: ${line}`));
      log.splice(0, log.length - MAX_LOG);
      draw();
    },
    show(next) {
      state = next;
      draw();
    },
    close() {
      stdout.off('resize', draw);
      process.off('exit', leave);
      if (stdin.isTTY) stdin.off('data', onData).setRawMode(false);
      stdin.pause();
      leave();
    },
  };
}

/** Whether there is a terminal that people look at. */
export const hasScreen = (env: NodeJS.ProcessEnv = process.env): boolean =>
  process.stdout.isTTY && process.stdout.rows >= 8 && env.TERM !== 'dumb' && (env.CI === undefined || env.CI === '' || env.CI === 'false');
