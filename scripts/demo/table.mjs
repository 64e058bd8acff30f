/** The table of plugins: capabilities of the active ones; code, reason and hint of the others. */
import { basename, dirname, sep } from 'node:path';
import { print, style } from './terminal.mjs';

const COLOURS = { active: 'green', refused: 'red', failed: 'red', skipped: 'yellow' };
const NAME_WIDTH = 24;
const STATE_WIDTH = 10;
const INDENT = NAME_WIDTH + STATE_WIDTH;

/** @typedef {{ name: string, state: string, text: string, code?: string, step?: string, hint?: string }} Row */

/** @returns {Row} of one entry of `host.report()` */
export function rowOf(report, offers) {
  const name = basename(report.path);
  const { state, code, step, hint } = report;
  if (state === 'active') return { name, state, text: offers };
  return { name, state, text: reasonOf(report), code, step, hint };
}

/** The message without the plugin's id and path, which the row shows already; other paths are shortened. */
function reasonOf({ id, path, message = '' }) {
  const start = id === undefined ? '' : `plugin ${id}: `;
  const bare = (message.startsWith(start) ? message.slice(start.length) : message).replace(/ \([^()]*[\\/][^()]*\)$/, '');
  return bare.replaceAll(dirname(path) + sep, '');
}

export function printTable(rows) {
  console.log(style('dim', `${'PLUGIN'.padEnd(NAME_WIDTH)}${'STATE'.padEnd(STATE_WIDTH)}CAPABILITIES, OR WHY IT FAILED`));
  for (const row of rows) printRow(row);
}

function printRow({ name, state, text, code, step, hint }) {
  const lead = name.padEnd(NAME_WIDTH) + style(COLOURS[state] ?? 'dim', state.padEnd(STATE_WIDTH));
  if (code === undefined) {
    printFirst(lead, text);
    return;
  }
  console.log(`${lead}${style('bold', code)} at step ${step}`);
  print('', text, INDENT);
  print(`${' '.repeat(INDENT)}→ `, hint, INDENT + 2, 'dim');
}

/** `lead` contains colour codes, so its length is not its width. */
function printFirst(lead, text) {
  process.stdout.write(lead);
  print('', text, 0);
}
