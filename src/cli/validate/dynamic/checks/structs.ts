import { HEADER_VERSION } from '../../../../abi/header-sizes.js';
import { LAYOUTS } from '../../../../abi/layouts.js';
import { copyOf } from '../../../../library/payload.js';
import type { Address } from '../../../../library/index.js';
import { error, skipped, type DynamicCheck, type Finding } from '../../check.js';
import { withSession, type Session } from '../session.js';
import { row, unfinished, violationsOf } from './row.js';

/** The version of the header that the plugin was compiled with, by its note. */
function headerVersion({ instance }: Session): number {
  const note = instance.library.symbol('aisopod_plugin_note');
  return note === undefined ? HEADER_VERSION : copyOf(note, LAYOUTS.aisopod_note.size).readUInt32LE(LAYOUTS.aisopod_note.members.header_version.offset);
}

/** The `size` of the structs that create returned. */
function sizesOfPlugin({ instance }: Session): readonly Finding[] {
  const { members, size } = LAYOUTS.aisopod_plugin;
  const at = instance.vtable.address;
  const plugin = copyOf(at, size);
  const meta = Number(plugin.readBigUInt64LE(members.meta.offset)) as Address;
  const structs: readonly (readonly [name: 'aisopod_plugin' | 'aisopod_meta', at: Address])[] = [['aisopod_plugin', at], ...(meta === 0 ? [] : [['aisopod_meta', meta] as const])];
  return structs.flatMap(([name, address]) => {
    const found = copyOf(address, 4).readUInt32LE();
    const expected = LAYOUTS[name].size;
    return found > expected ? [error(`${name}: a size of ${found}, but the header has ${expected} bytes`)] : [];
  });
}

function tooLarge(session: Session): readonly Finding[] {
  const version = headerVersion(session);
  if (version > HEADER_VERSION) return [skipped(`the plugin was compiled with version ${version} of the header, this program knows ${HEADER_VERSION}`)];
  return [...session.findings, ...violationsOf(session, 'struct-too-large'), ...unfinished(session)];
}

export const STRUCT_CHECKS: readonly DynamicCheck[] = [
  row(
    {
      id: 'struct-too-large',
      source: 'rule 2',
      title: 'No struct of the plugin is larger than in the header that it was compiled with',
      breaks: 'A later host takes what is behind the struct for the members that a later header adds.',
    },
    withSession({}, async (session) => {
      session.findings.push(...sizesOfPlugin(session));
      await session.callAll();
    }, tooLarge),
  ),
  row(
    {
      id: 'reserved-not-zero',
      source: 'rule 2',
      title: 'Reserved members are zero',
      breaks: 'A later host takes them for something that the plugin asks for.',
    },
    withSession({}, (session) => session.callAll(), (session) => [...violationsOf(session, 'reserved-not-zero'), ...unfinished(session)]),
  ),
];
