/** Text in and out: `syncRaw` of an INLINE tool, compared with Node-API's string functions. */
import { again } from '../measure.mjs';

const SIZES = [
  { label: '64 B', bytes: 64, goal: 2.5 },
  { label: '1 KB', bytes: 1024, goal: 1.5 },
  { label: '64 KB', bytes: 65_536, goal: 1.1 },
  { label: '1 MB', bytes: 1_048_576, goal: 1 },
];

/** JSON text of exactly this length. Parsed, so that V8 stores it as a flat string, like text from a socket or a file. */
const textOf = (bytes) => JSON.stringify(JSON.parse(`"${'plain text '.repeat(bytes).slice(0, bytes - 2)}"`));

export function rows({ inlineEcho, addon }) {
  return SIZES.map(({ label, bytes, goal }) => {
    const text = textOf(bytes);
    return {
      name: `text in and out, ${label}, against Node-API`,
      unit: 'ns',
      goal,
      ours: again(() => inlineEcho.syncRaw(text)),
      theirs: again(() => addon.echo(text)),
    };
  });
}
