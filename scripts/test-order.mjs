/** Jest begins with the files that take longest, which it knows only after a first run in a folder. In a fresh clone these begin. */
import Sequencer from '@jest/test-sequencer';
import { relative } from 'node:path';
import { ROOT } from './setup.mjs';

/** Files that use most processor time, the longest first. Those that are missing here only make the end of a run longer. */
const LONGEST = [
  'isolation/faults',
  'docs/docs',
  'cli/validate/dynamic/good',
  'package/consumers',
  'cli/validate/dynamic/mistakes',
  'cli/new/new',
  'cli/validate/sanitize',
  'cli/terminal',
  'bench/bench',
  'isolation/disturbed',
  'host/update-load',
  'plugin/growth',
  'native/runners/exit',
  'quarantine/crash-markers',
  'isolation/supervisor/machine',
  'host/handover',
  'docs/api',
  'isolation/proxy/protocol-attacks',
  'isolation/burst',
  'isolation/both-homes',
].map((name) => `test/${name}.test.ts`);

const rank = ({ path }) => {
  const index = LONGEST.indexOf(relative(ROOT, path).replaceAll('\\', '/'));
  return index < 0 ? LONGEST.length : index;
};

export default class LongestFirst extends Sequencer {
  async sort(tests) {
    return (await super.sort(tests)).sort((one, other) => rank(one) - rank(other));
  }
}
