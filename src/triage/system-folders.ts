import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Libc } from './facts.js';
import { nodeLibraries } from './node-libraries.js';

const DEFAULTS = ['/lib64', '/usr/lib64', '/lib', '/usr/lib', '/usr/local/lib'];

/** The folders that Linux's loader searches by default, after all search paths. */
export async function systemFolders(libc: Libc | undefined): Promise<string[]> {
  const configured = libc?.flavour === 'musl' ? await muslFolders() : await glibcFolders('/etc/ld.so.conf');
  // Some defaults are compiled into the loader and differ by system; the folders of Node's own libraries cover them.
  const inUse = [...nodeLibraries().values()].map((path) => dirname(path));
  return [...new Set([...configured, ...DEFAULTS, ...inUse])];
}

async function muslFolders(): Promise<string[]> {
  const files = (await list('/etc')).filter((name) => /^ld-musl-.*\.path$/.test(name));
  const texts = await Promise.all(files.map((name) => text(join('/etc', name))));
  return texts.flatMap((content) => content.split(/[:\n]/)).filter((folder) => folder.startsWith('/'));
}

/** Follows `include folder/*.conf`, the only form in use. Nested includes are not followed. */
async function glibcFolders(file: string): Promise<string[]> {
  const lines = (await text(file)).split('\n').map((line) => line.replace(/#.*/, '').trim());
  const included = lines.flatMap((line) => /^include\s+(\S+)\/\*\.conf$/.exec(line)?.[1] ?? []);
  const files = await Promise.all(
    included.map(async (folder) => (await list(folder)).filter((name) => name.endsWith('.conf')).map((name) => join(folder, name))),
  );
  const texts = await Promise.all(files.flat().map(text));
  return [...lines, ...texts.join('\n').split('\n')].map((line) => line.trim()).filter((line) => line.startsWith('/'));
}

const text = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
const list = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
