import { afterAll, describe, expect, test } from '@jest/globals';
import { Status } from '../../src/abi/status.js';
import { addressOf, bind, copyBytes, ownBuffer, type Address } from '../../src/library/index.js';
import type { HostHandlers, HostFunction } from '../../src/native/host-function.js';
import { HOST_FUNCTIONS, extensionAt, openHost } from '../../src/native/native-host.js';
import { hostFunctionsInHeader } from './header-text.js';

const rows: Readonly<Record<string, HostFunction>> = HOST_FUNCTIONS;

describe('the table of host functions', () => {
  test('has the signatures of the header', () => {
    const written = Object.entries(hostFunctionsInHeader()).map(([name, { returns, takes }]) => {
      const pointers = takes.map(() => 'pointer').join(', ');
      return [name, `${returns === 'int32_t' ? 'status' : 'pointer'}(${pointers})`];
    });
    expect(written).toHaveLength(6);
    expect(Object.entries(rows).map(([name, { signature }]) => [name, signature])).toEqual(written);
  });

  test('reads the structs that the header says', () => {
    for (const [name, { takes }] of Object.entries(hostFunctionsInHeader())) {
      const struct = rows[name]?.struct as { readonly name?: string } | undefined;
      if (struct !== undefined) expect([struct.name]).toEqual(takes);
    }
  });
});

/** Reads 8 bytes of native memory. */
function wordAt(address: number): bigint {
  const word = ownBuffer(8);
  copyBytes(addressOf(word), address as Address, 8);
  return word.readBigUInt64LE();
}

describe('an extension of the host', () => {
  const seen: [HostHandlers, number][] = [];
  const table: Readonly<Record<string, readonly HostFunction[]>> = {
    'test.notes/1': [
      { signature: 'status(pointer)', run: (events, note) => (seen.push([events, note]), Status.OK) },
      { signature: 'status(pointer)', refusedWhile: ['registering'], run: () => Status.OK },
      {
        signature: 'status(pointer)',
        run: () => {
          throw new Error('a mistake of the host');
        },
      },
    ],
  };
  const eventsIn = (state: HostHandlers['state']): HostHandlers => ({ state }) as HostHandlers;
  const first = eventsIn('active');
  const second = eventsIn('registering');
  const hosts = [openHost(first), openHost(second)] as const;
  const [contextOfFirst, contextOfSecond] = hosts.map(({ address }) => Number(wordAt(address + 8))) as [number, number];
  const functionAt = (index: number) => bind('shutdown', Number(wordAt(extensionAt('test.notes/1', table) + 8 + 8 * index)) as Address);
  afterAll(() => hosts.forEach((host) => host.close()));

  test('is one struct for the whole process, with its size and its functions', () => {
    const at = extensionAt('test.notes/1', table);
    expect(at).not.toBe(0);
    expect(wordAt(at)).toBe(8n + 3n * 8n); // with `reserved`, which is 0
    expect(extensionAt('test.notes/1', table)).toBe(at);
  });

  test('is called with the context of the plugin that calls', () => {
    expect(functionAt(0)(contextOfFirst, 16)).toBe(Status.OK);
    expect(functionAt(0)(contextOfSecond, 24)).toBe(Status.OK);
    expect(seen).toEqual([[first, 16], [second, 24]]);
    expect(seen[0]?.[0]).toBe(first);
  });

  test('keeps the rules of host functions: states, unknown contexts, and a throw is a status', () => {
    expect(functionAt(1)(contextOfFirst, 0)).toBe(Status.OK);
    expect(functionAt(1)(contextOfSecond, 0)).toBe(Status.STATE);
    expect(functionAt(1)(0x7777, 0)).toBe(Status.CLOSED);
    expect(functionAt(2)(contextOfFirst, 0)).toBe(Status.FAILED);
  });

  test.each(['test.notes/2', '', 'constructor', '__proto__', undefined])('is NULL under another name: %j', (name) => {
    expect(extensionAt(name, table)).toBe(0);
  });
});
