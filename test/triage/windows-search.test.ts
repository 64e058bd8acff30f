/** Where Windows looks for what a library needs. The folders are those of this machine: only names are compared. */
import { expect, test } from '@jest/globals';
import path from 'node:path';
import { windowsSearch } from '../../src/triage/search.js';

const root = path.resolve('/Windows');
const plugin = path.resolve('/plugins/weather');
const system = path.join(root, 'System32');
const needs = { ownName: undefined, needed: [], searchPaths: [], searchPathsInherited: false };
const dependent = { path: path.join(plugin, 'weather.dll'), needs, inherited: [] };

test("only in the plugin's folder and the system's, so that a library which is in neither is missing", () => {
  const search = windowsSearch(root);
  const name = 'helper.dll';
  expect(search.candidatesFor(name, dependent)).toEqual({ paths: [path.join(plugin, name), path.join(system, name)], isIncomplete: false });
  expect(search.isSystem(path.join(system.toUpperCase(), name))).toBe(true);
  expect(search.isSystem(path.join(plugin, name))).toBe(false);
});

test.each(['api-ms-win-crt-runtime-l1-1-0.dll', 'EXT-MS-WIN-GDI-DRAW-L1-1-0.DLL'])('%s is no file, and never missing', (name) => {
  expect(windowsSearch(root).candidatesFor(name, dependent)).toEqual({ paths: [], isIncomplete: true });
});
