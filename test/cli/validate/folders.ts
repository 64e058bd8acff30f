import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { copyFixture, libraryFileName, temporaryFolder } from '../../support/fixtures.js';
import { buildElf, type ElfPlan } from '../../triage/build-elf.js';
import { buildMacho, type MachoPlan } from '../../triage/build-macho.js';
import { buildPe, type PePlan } from '../../triage/build-pe.js';
import { REQUIRED, noteBytes } from '../../triage/bytes.js';

const MANIFEST = `[plugin]
id = "sample"
name = "Sample"
version = "1.0.0"
description = "A test plugin"
author = "aisopod-plugin"
entry_point = "sample"

[capabilities]
tools = ["echo"]
`;

/** A plugin folder with these files, beside a valid manifest. */
export function folderWith(files: Readonly<Record<string, Buffer | string>>, manifest = MANIFEST): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries({ 'aisopod.plugin.toml': manifest, ...files })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  return folder;
}

/** The valid manifest, changed. */
export const manifestWith = (from: string, to: string): string => MANIFEST.replace(from, to);

export const elf = (plan: ElfPlan = {}): Buffer => buildElf({ exports: REQUIRED, note: noteBytes(), segments: [[0x6474e551, 6]], ...plan });
export const pe = (plan: PePlan = {}): Buffer => buildPe({ exports: REQUIRED, note: noteBytes(), ...plan });
export const macho = (plan: MachoPlan = {}): Buffer => buildMacho({ exports: REQUIRED.map((name) => `_${name}`), note: noteBytes(), platform: 1, ...plan });

/** A copy of a fixture, changed. */
export function copyOf(fixture: string, change: (folder: string) => void = () => undefined): string {
  const folder = copyFixture(fixture, temporaryFolder());
  change(folder);
  return folder;
}

/** Changes the bytes of the library of a copied fixture. */
export function changeLibrary(fixture: string, change: (bytes: Buffer) => Buffer | undefined): (folder: string) => void {
  return (folder) => {
    const file = path.join(folder, libraryFileName(fixture));
    const bytes = readFileSync(file);
    writeFileSync(file, change(bytes) ?? bytes);
  };
}

/** Changes a member of the note of a library. */
export const changeNote = (member: number, value: number) =>
  (bytes: Buffer): undefined => {
    // The size and the magic number.
    const at = bytes.indexOf(Buffer.from([64, 0, 0, 0, 0x41, 0x49, 0x53, 0x4f]));
    if (at < 0) throw new Error('the library has no note');
    bytes.writeUInt32LE(value, at + member * 4);
  };
