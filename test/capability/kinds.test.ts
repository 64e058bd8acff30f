import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CAPABILITY_KINDS, type CapabilityKind } from '../../src/abi/constants.js';
import { KINDS, isCallable, registrars } from '../../src/capability/kinds/index.js';
import type { Offer } from '../../src/capability/js/offer.js';
import { SECTIONS } from '../../src/manifest/schema.js';
import { projectRoot } from '../support/fixtures.js';

const NAMES = ['forecast', 'mail.send', 'mail_send-2', 'a'.repeat(64), 'a'.repeat(65), '', 'two words', 'a/b', 'é', 'BeforeAgentRun', 'OnSessionEnd', 'onSessionEnd', '__proto__', 'a\n'];

/** The methods of a kind in the header's list of kinds: `channel   "start"   …`. */
function methodsInHeader(kind: CapabilityKind): readonly string[] {
  const header = readFileSync(path.join(projectRoot, 'include/aisopod/plugin.h'), 'utf8');
  const list = /\/\* Kinds of capability, and the methods [^]*?\*\//.exec(header)?.[0] ?? '';
  const entry = new RegExp(`^ \\*   ${kind} [^]*?(?=^ \\*   [a-z]|^ \\* [A-Z])`, 'm').exec(list)?.[0] ?? '';
  return [...entry.matchAll(/^ \* +(?:[a-z]+ +)?"([a-z]+)" /gm)].map((match) => match[1] ?? '');
}

describe.each(CAPABILITY_KINDS)('%s', (kind) => {
  test.each(NAMES)('a manifest may declare the names that can be registered, and no others: %j', (name) => {
    const isDeclarable = SECTIONS.capabilities.safeParse({ [`${kind}s`]: [name] }).success;
    expect(KINDS[kind].names.accepts(name)).toBe(isDeclarable);
  });

  test('its methods are those of the header', () => {
    expect(KINDS[kind].methods).toEqual(methodsInHeader(kind));
  });

  test('a plugin in JavaScript registers it with a function of its own, and answers each of its methods', () => {
    const offers: Offer[] = [];
    const register = registrars((offer) => offers.push(offer));
    const name = `register${kind.charAt(0).toUpperCase()}${kind.slice(1)}` as keyof typeof register;
    register[name]({ name: 'BeforeAgentRun' } as never);
    expect(offers).toHaveLength(1);
    expect(offers[0]?.descriptor).toMatchObject({ kind, name: 'BeforeAgentRun' });
    expect(Object.keys(offers[0]?.handlers ?? {})).toEqual(KINDS[kind].methods);
  });
});

test('plugins may call tools and providers, channels if the host lets them, commands and hooks never', () => {
  const answers = CAPABILITY_KINDS.map((kind) => [kind, isCallable(kind) ? KINDS[kind].pluginsMayCall : 'never']);
  expect(Object.fromEntries(answers)).toEqual({ tool: true, command: 'never', hook: 'never', channel: false, provider: true });
});
