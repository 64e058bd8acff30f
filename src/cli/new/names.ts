import type { CapabilityKind } from '../../abi/constants.js';
import { parseManifest } from '../../manifest/index.js';

/** What a template says in place of `{{name}}`. */
export type Words = Readonly<Record<string, string>>;

/** @throws LoadError, as for a manifest with this id */
export function requireId(id: string): void {
  parseManifest(`[plugin]\nid = ${JSON.stringify(id)}\nname = "x"\nversion = "0.1.0"\ndescription = "x"\nauthor = "x"\nentry_point = "x"\n`);
}

const DESCRIPTIONS: Readonly<Record<CapabilityKind, string>> = {
  tool: 'Greets someone',
  command: 'Greets people',
  hook: 'Vetoes commands that delete whole folders',
  channel: 'Sends each message back',
  provider: 'Repeats the last message',
};

/** The name of an id in other places: `my-weather` is `my_weather` in code, MyWeatherPlugin as a class, and My weather in a title. */
export function wordsOf(id: string, kind: CapabilityKind): Words {
  const parts = id.split(/[._-]+/).filter((part) => part !== '');
  const ident = (/^\d/.test(id) ? ['plugin', ...parts] : parts).join('_');
  return {
    id,
    ident,
    kind,
    capability: capabilityOf(id, ident, kind),
    title: capitalized(parts.join(' ')),
    Class: `${parts.map(capitalized).join('')}Plugin`.replace(/^(?=\d)/, 'The'),
    description: DESCRIPTIONS[kind],
  };
}

/** Tools are called by models, which accept no dots. */
function capabilityOf(id: string, ident: string, kind: CapabilityKind): string {
  if (kind === 'hook') return 'BeforeToolExecute';
  return kind === 'tool' ? ident : id;
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
