/** Draws a curve of curves.mjs as an SVG picture: both axes logarithmic, a legend, colours for light and dark pages. */
const WIDTH = 760;
const HEIGHT = 420;
const PLOT = { left: 78, right: 500, top: 48, bottom: 356 };
/** Distinct for people with colour blindness, and readable on white and on black. */
const COLOURS = ['#0077bb', '#ee7733', '#009988', '#cc3311', '#aa66cc', '#33a1de', '#999933', '#888888'];

const STYLE = `
    .page { fill: #ffffff }
    text { font: 13px system-ui, sans-serif; fill: #24292f }
    .title { font-size: 15px; font-weight: 600 }
    .small { font-size: 12px }
    .grid { stroke: #d0d7de; stroke-width: 1 }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 }
      text { fill: #e6edf3 }
      .grid { stroke: #30363d }
    }`;

const escape = (text) => text.replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character]);

/** A number with the largest of these units that it reaches. */
function withUnit(value, units) {
  const [unit, size] = units.findLast(([, least]) => value >= least) ?? units[0];
  return `${Number((value / size).toPrecision(3))}${unit}`;
}

const UNITS = {
  bytes: [[' B', 1], [' KiB', 2 ** 10], [' MiB', 2 ** 20]],
  µs: [[' ns', 1e-3], [' µs', 1], [' ms', 1e3], [' s', 1e6]],
  MiB: [[' MiB', 1], [' GiB', 2 ** 10]],
};

/** A value as a reader would write it: `1.5 ms`, `64 KiB`. Without a unit it is a number of things. */
export const labelOf = (value, unit) => (unit === '' ? value.toLocaleString('en') : withUnit(value, UNITS[unit]));

/** The powers of `base` from the last at or below `least` to the first at or above `most`. */
function powers(base, least, most) {
  const from = Math.floor(Math.log(least) / Math.log(base) + 1e-9);
  const to = Math.max(from + 1, Math.ceil(Math.log(most) / Math.log(base) - 1e-9));
  return Array.from({ length: to - from + 1 }, (_, index) => base ** (from + index));
}

/** The axis through these ticks: from a value to its place. */
function axis(ticks, start, end) {
  const [low, high] = [Math.log(ticks[0]), Math.log(ticks.at(-1))];
  return (value) => start + ((Math.log(value) - low) / (high - low)) * (end - start);
}

/** Labels beside more ticks than this would touch. */
const MAX_LABELS = 7;

const number = (value) => String(Number(value.toFixed(1)));
const line = (x1, y1, x2, y2) => `<line class="grid" x1="${number(x1)}" y1="${number(y1)}" x2="${number(x2)}" y2="${number(y2)}"/>`;
const text = (x, y, content, attributes = '') => `<text x="${number(x)}" y="${number(y)}"${attributes}>${escape(content)}</text>`;

function xGrid(ticks, unit, place) {
  const { top, bottom } = PLOT;
  const isLabelled = (index) => ticks.length <= MAX_LABELS || index % 2 === 0;
  return ticks.flatMap((tick, index) => {
    const x = place(tick);
    const label = isLabelled(index) ? [text(x, bottom + 18, labelOf(tick, unit), ' class="small" text-anchor="middle"')] : [];
    return [line(x, top, x, bottom), ...label];
  });
}

function yGrid(ticks, unit, place) {
  const { left, right } = PLOT;
  return ticks.flatMap((tick) => {
    const y = place(tick);
    return [line(left, y, right, y), text(left - 8, y + 4, labelOf(tick, unit), ' class="small" text-anchor="end"')];
  });
}

function seriesOf({ points }, colour, placeX, placeY) {
  const places = points.map(([x, y]) => [number(placeX(x)), number(placeY(y))]);
  const dots = places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`);
  return [`<polyline fill="none" stroke="${colour}" stroke-width="2" points="${places.map((place) => place.join(',')).join(' ')}"/>`, ...dots];
}

/** The slowest first, as the lines end. */
function legend(series, colourOf) {
  const last = ({ points }) => points.at(-1)[1];
  return [...series]
    .sort((a, b) => last(b) - last(a))
    .flatMap((each, row) => {
      const y = PLOT.top + 14 + row * 24;
      return [`<rect x="${PLOT.right + 18}" y="${y - 8}" width="14" height="4" fill="${colourOf(each)}"/>`, text(PLOT.right + 40, y, each.name)];
    });
}

/**
 * `base`: the factor between two lines of the grid.
 * @returns the SVG of a curve `{ title, x: { label, unit, base }, y: { label, unit }, series: [{ name, points }] }`
 */
export function drawChart(curve) {
  const { title, x, y } = curve;
  const series = curve.series.filter(({ points }) => points.length > 0);
  const all = series.flatMap(({ points }) => points);
  const xs = all.map(([value]) => value);
  const ys = all.map(([, value]) => value);
  const xTicks = powers(x.base, Math.min(...xs), Math.max(...xs));
  const yTicks = powers(10, Math.min(...ys), Math.max(...ys));
  const placeX = axis(xTicks, PLOT.left, PLOT.right);
  const placeY = axis(yTicks, PLOT.bottom, PLOT.top);
  const colourOf = (each) => COLOURS[series.indexOf(each) % COLOURS.length];
  const middle = (PLOT.left + PLOT.right) / 2;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<style>${STYLE}\n  </style>`,
    `<rect class="page" width="${WIDTH}" height="${HEIGHT}"/>`,
    text(PLOT.left, 28, title, ' class="title"'),
    ...xGrid(xTicks, x.unit, placeX),
    ...yGrid(yTicks, y.unit, placeY),
    text(middle, HEIGHT - 20, x.label, ' text-anchor="middle"'),
    ...series.flatMap((each) => seriesOf(each, colourOf(each), placeX, placeY)),
    ...legend(series, colourOf),
    '</svg>',
  ];
  return `${lines.join('\n  ').replace(/\n {2}<\/svg>$/, '\n</svg>')}\n`;
}
