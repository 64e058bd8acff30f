const figure = (value) => (value < 100 ? value.toFixed(1) : value.toFixed(0));

/** Prints one row, starting with the ratio, which matters most. */
export function printRow({ name, ours, theirs, unit, ratio, goal, ok }) {
  const verdict = goal === null ? '' : `${ok ? 'within' : 'MISSES'} ${goal}`;
  console.log(`${ratio.toFixed(2).padStart(6)} × ${verdict.padEnd(11)} ${name}: ${figure(ours)} ${unit} against ${figure(theirs)}`);
}
