const figure = (value) => (value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0));

const verdictOf = (goal, ok) => (goal === null ? '' : `${ok ? 'within' : 'MISSES'} ${goal}`).padEnd(11);

/** Prints one row, starting with the ratio, which matters most. */
export function printRow({ name, ours, theirs, value, unit, ratio, goal, limit, ok, skipped }) {
  if (skipped !== undefined) console.log(`${'–'.padStart(6)}   ${'skipped'.padEnd(11)} ${name}: ${skipped}`);
  else if (limit !== undefined) console.log(`${figure(value).padStart(6)}   ${verdictOf(limit, ok)} ${name}, in ${unit}`);
  else console.log(`${ratio.toFixed(2).padStart(6)} × ${verdictOf(goal, ok)} ${name}: ${figure(ours)} ${unit} against ${figure(theirs)}`);
}
