/** Reading every library of the machine, compared with readelf, which prints the same: header, dynamic section, symbols. */
import { spawnSync } from 'node:child_process';
import { triage } from 'aisopod-plugin';
import { libraries } from '../../triage/libraries.mjs';
import { nanosecondsOf } from '../measure.mjs';
import { TWENTY_PLUGINS } from '../native.mjs';

const SYSTEM_FOLDERS = ['/usr', '/lib', '/opt'];
/** The system limits the length of a command. */
const FILES_A_COMMAND = 500;

const hasReadelf = () => spawnSync('readelf', ['--version'], { stdio: 'ignore' }).status === 0;

function readelf(paths) {
  for (let first = 0; first < paths.length; first += FILES_A_COMMAND) {
    spawnSync('readelf', ['-W', '-h', '-d', '--dyn-syms', ...paths.slice(first, first + FILES_A_COMMAND)], { stdio: 'ignore' });
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
    plan: { rounds: 9 },
    skipped: hasReadelf() ? undefined : 'needs readelf',
    ours: () => nanosecondsOf(triageAll, paths),
    against: [{ what: 'readelf', goal: 0.2, run: () => nanosecondsOf(readelf, paths) }],
  };
}
