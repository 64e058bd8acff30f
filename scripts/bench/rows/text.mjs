/** Text in and out: `syncRaw` of an INLINE tool, compared with Node-API's string functions. */
import { again } from '../measure.mjs';
import { textOf } from '../text.mjs';

const SIZES = [
  { label: '64 B', bytes: 64, goal: 2.5 },
  { label: '1 KB', bytes: 1024, goal: 1.5 },
  { label: '64 KB', bytes: 65_536, goal: 1 },
  { label: '1 MB', bytes: 1_048_576, goal: 0.5 },
];

export function rows({ inlineEcho, addon }) {
  return SIZES.map(({ label, bytes, goal }) => {
    const text = textOf(bytes);
    return {
      name: `text in and out, ${label}`,
      unit: 'ns',
      ours: again(() => inlineEcho.syncRaw(text)),
      against: [{ what: 'Node-API', goal, run: again(() => addon.echo(text)) }],
    };
  });
}
