import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { error, type Finding } from './check.js';
import { sourceLines, type SourceLine } from './source-lines.js';
import { reportPart } from './unexpected-end.js';

/** What ThreadSanitizer prints between two reports. */
const BETWEEN_REPORTS = /^={18}$/m;
const KIND = /^WARNING: ThreadSanitizer: (.*?) \(pid=\d+\)/m;
/** The paragraphs with a stack of something that was done, and not of where a thread or memory comes from. */
const ACCESS = /^\s*(?:WARNING: |Previous |Mutex \w+ (?:previously )?acquired )/;
/** A stack, or that there is none. */
const STACK = /^\s+(?:#0 |\[failed to restore)/m;
/** Without its name, which only debug information has. */
const NAMELESS_GLOBAL = /^\s+Location is global '<null>'.*\n\n?/m;
const FRAME = /^(\s+#\d+) .*\(([^()]+)\+(0x[0-9a-f]+)\)$/;
/** What a plugin calls for an access: the frame after is that of its own code. */
const OF_SYSTEM = /^(?:libtsan|libc|libm|libstdc\+\+|libgcc_s|libpthread)[.-]/;

/** A frame of a stack. */
interface Frame {
  /** The name of the library's file. */
  readonly library: string;
  readonly offset: string;
}

/** The libraries of a plugin: paths, by the names of their files. */
export type Libraries = ReadonlyMap<string, string>;

/**
 * The reports of ThreadSanitizer in the files `<log>.<process>` in which every access is by one of these libraries. Node is not built
 * with ThreadSanitizer, which therefore does not see all of the order in it, and reports races there that do not exist.
 *
 * ThreadSanitizer does not name functions and lines (symbolize=0): it knows the libraries that were loaded at its first report, which may
 * be of Node, and reading the names of Node takes long.
 */
export async function racesIn(log: string, libraries: Libraries): Promise<readonly Finding[]> {
  const names = (await readdir(dirname(log))).filter((name) => name.startsWith(`${basename(log)}.`));
  const texts = await Promise.all(names.map((name) => readFile(join(dirname(log), name), 'utf8')));
  const reports = texts.flatMap((text) => text.split(BETWEEN_REPORTS)).filter((report) => isOf(libraries, report));
  const found = await Promise.all(reports.map((report) => findingOf(report.trim(), libraries)));
  return [...new Map(found.map((finding) => [finding.message, finding])).values()];
}

function isOf(libraries: Libraries, report: string): boolean {
  const frames = accessesIn(report);
  return KIND.test(report) && frames.length > 0 && frames.every((frame) => frame !== undefined && libraries.has(frame.library));
}

/** The code that made each access; `undefined` if its stack is not known. */
function accessesIn(report: string): readonly (Frame | undefined)[] {
  const paragraphs = report.trim().split(/\n\s*\n/).filter((paragraph) => ACCESS.test(paragraph) && STACK.test(paragraph));
  return paragraphs.map((paragraph) => framesIn(paragraph).find(({ library }) => !OF_SYSTEM.test(library)));
}

async function findingOf(report: string, libraries: Libraries): Promise<Finding> {
  const lines = await linesOf(framesIn(report), libraries);
  const places = accessesIn(report).flatMap((frame) => (frame === undefined ? [] : [placeOf(frame, lines)]));
  const text = report.replace(NAMELESS_GLOBAL, '').replaceAll(new RegExp(FRAME, 'gm'), (line, number: string, library: string, offset: string) => {
    const known = lines.get(`${basename(library)}+${offset}`);
    return known === undefined ? line : `${number} ${known.name} ${known.source} (${basename(library)}+${offset})`;
  });
  return error(`A sanitizer found: ${KIND.exec(report)?.[1] ?? ''}, in ${[...new Set(places)].join(' and ')}.`, reportPart(text));
}

type Lines = ReadonlyMap<string, SourceLine>;

function placeOf({ library, offset }: Frame, lines: Lines): string {
  const known = lines.get(`${library}+${offset}`);
  return known === undefined ? `${library}+${offset}` : `${known.name} (${known.source})`;
}

/** By `<library>+<offset>`. */
async function linesOf(frames: readonly Frame[], libraries: Libraries): Promise<Lines> {
  const found = [...libraries].map(async ([library, path]) => {
    const offsets = frames.filter((frame) => frame.library === library).map(({ offset }) => offset);
    const lines = offsets.length === 0 ? new Map<string, SourceLine>() : await sourceLines(path, offsets);
    return [...lines].map(([offset, line]) => [`${library}+${offset}`, line] as const);
  });
  return new Map((await Promise.all(found)).flat());
}

const framesIn = (text: string): readonly Frame[] =>
  text.split('\n').flatMap((line) => {
    const [, , library, offset] = FRAME.exec(line) ?? [];
    return library === undefined || offset === undefined ? [] : [{ library: basename(library), offset }];
  });
