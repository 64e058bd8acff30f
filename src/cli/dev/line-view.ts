import { printable, type Terminal } from '../terminal.js';
import type { DevView, LineKind } from './view.js';

const COLOURS: Partial<Record<LineKind, 'red' | 'green' | 'dim' | 'yellow'>> = { error: 'red', answer: 'green', log: 'dim', check: 'yellow' };

/** One line for each thing that happens: for pipes and CI. */
export function lineView({ out }: Terminal): DevView {
  return {
    line(kind, text) {
      const colour = COLOURS[kind];
      for (const line of [text].flat()) {
        const shown = `${kind}: ${printable(line)}`;
        out.line(colour === undefined ? shown : out.style(colour, shown));
      }
    },
    show: () => undefined,
    close: () => undefined,
  };
}
