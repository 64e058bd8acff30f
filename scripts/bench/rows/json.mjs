/** A complete synchronous call with 1 KB of parameters: validation, JSON encoding, the tool, JSON decoding. */
import { again } from '../measure.mjs';

const PARAMETERS = {
  query: 'places to see near the river, with the opening hours of each',
  limit: 25,
  exact: false,
  places: Array.from({ length: 14 }, (_, i) => ({ name: `Old bridge and mill number ${i}`, lat: 48.2 + i / 7, lon: 16.3 + i / 9 })),
};

export function rows({ inlineEcho, addon }) {
  return [
    {
      name: `tool.sync, ${JSON.stringify(PARAMETERS).length} bytes of JSON`,
      unit: 'ns',
      ours: again(() => inlineEcho.sync(PARAMETERS)),
      against: [{ what: 'JSON and Node-API', goal: 1.5, run: again(() => JSON.parse(addon.echo(JSON.stringify(PARAMETERS)))) }],
    },
  ];
}
