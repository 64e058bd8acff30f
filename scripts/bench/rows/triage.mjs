/** Reading every library of the machine, compared with readelf, which prints the same: header, dynamic section, symbols. */
import { spawnSync } from 'node:child_process';
import { triage } from 'aisopod-plugin';
import { libraries } from '../../triage/libraries.mjs';
import { nanosecondsOf } from '../measure.mjs';
import { TWENTY_PLUGINS } from '../native.mjs';

const SYSTEM_FOLDERS = ['/usr', '/lib', '/opt'];
/** The system limits the length of a command. */
const FILES_A_COMMAND = 500;
const WHAT = ['-W', '-h', '-d', '--dyn-syms'];

const hasReadelf = () => spawnSync('readelf', ['--version'], { stdio: 'ignore' }).status === 0;

/** As a program must do it that wants to know each file's facts. Captures what is printed. */
function readelfEach(paths) {
  for (const path of paths) spawnSync('readelf', [...WHAT, path], { maxBuffer: 1 << 30 });
}

/** The least that readelf takes: prints to nowhere. */
function readelfAll(paths) {
  for (let first = 0; first < paths.length; first += FILES_A_COMMAND) {
    spawnSync('readelf', [...WHAT, ...paths.slice(first, first + FILES_A_COMMAND)], { stdio: 'ignore' });
  }
}

/** Files that are not libraries, such as scripts for the linker, are refused. */
async function triageAll(paths) {
  for (const path of paths) await triage(path).catch(() => undefined);
}

export function* rows({ isQuick }) {
  const seen = new Set();
  const paths = (isQuick ? [TWENTY_PLUGINS] : SYSTEM_FOLDERS).flatMap((folder) => [...libraries(folder, seen)]);
  yield {
    name: `triage of ${isQuick ? 'some libraries' : 'every library of the machine'} (${paths.length} files)`,
    unit: 'ms',
    isSampled: true,
    plan: { rounds: 5 },
    skipped: hasReadelf() ? undefined : 'needs readelf',
    ours: () => nanosecondsOf(triageAll, paths),
    against: [
      { what: 'readelf, a process for each file', goal: 0.2, run: () => nanosecondsOf(readelfEach, paths) },
      { what: 'readelf, one process for many files, output discarded', goal: null, run: () => nanosecondsOf(readelfAll, paths) },
    ],
  };
}
