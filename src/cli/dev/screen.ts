import { wrap } from '../table.js';
import { printable, type Output } from '../terminal.js';
import type { DevState } from './view.js';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const KEYS = 'c: call again   b: build again   q: quit';
const LABEL_WIDTH = 11;
const MAX_ANSWER_LINES = 8;

/** The lines of the screen, at most as many as it has rows. The log gets what is left. */
export function screenLines(state: DevState, log: readonly string[], { columns, rows }: ScreenSize, { style }: Pick<Output, 'style'>): string[] {
  const field = (label: string, value: string | undefined, maxLines = 2): string[] => {
    if (value === undefined || value === '') return [];
    const lines = wrap(printable(value), Math.max(20, columns - LABEL_WIDTH - 1)).slice(0, maxLines);
    return lines.map((line, index) => `${style('dim', (index === 0 ? label : '').padEnd(LABEL_WIDTH))}${line.slice(0, columns - LABEL_WIDTH)}`);
  };
  const isActive = state.state === 'active';
  const details = [state.generation === undefined ? '' : `generation ${state.generation}`, state.pid === undefined ? '' : `process ${state.pid}`];
  const head = [state.plugin ?? 'no plugin yet', state.state ?? '', ...details].filter((part) => part !== '').join('   ');
  const lines = [
    style(isActive ? 'green' : 'bold', printable(head).slice(0, columns)),
    ...field('now', state.activity),
    ...state.error.map((line) => style('red', printable(line).slice(0, columns))),
    ...field('tools', state.tools.join(', ')),
    ...field('call', state.call),
    ...field('answer', state.answer, MAX_ANSWER_LINES),
    ...field('time', state.timing),
    '',
  ].slice(0, rows - 2);
  const room = rows - 1 - lines.length;
  const shown = log.slice(-room).map((line) => style('dim', printable(line).slice(0, columns)));
  return [...lines, ...shown, ...Array.from({ length: room - shown.length }, () => ''), style('bold', KEYS.slice(0, columns))];
}
