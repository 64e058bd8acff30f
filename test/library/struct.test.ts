/** Reading native structs: nothing is touched that the writer's size does not cover (rules 2 and 6). */
import { expect, test } from '@jest/globals';
import { LAYOUTS, REQUIRED_SIZE } from '../../src/abi/layouts.js';
import { addressOf, ownBuffer } from '../../src/library/memory.js';
import { structReader } from '../../src/library/struct.js';

const { size, members } = LAYOUTS.aisopod_plugin;
const required = REQUIRED_SIZE.aisopod_plugin;

function pluginOf(claimed: number, bytes = size): Buffer {
  const struct = ownBuffer(bytes + 8);
  struct.fill(0x5a);
  struct.writeUInt32LE(claimed, 0);
  return struct;
}

test('NULL and what is not aligned are not read', () => {
  const reader = structReader('aisopod_plugin');
  expect(reader.read(0)).toEqual({ member: 'aisopod_plugin', expected: 'a pointer', found: 'NULL' });
  for (const odd of [1, 4, 0x1001, Infinity]) expect(reader.read(odd)).toMatchObject({ expected: 'an address aligned to 8' });
});

test.each([0, 1, required - 1, 4097, 0xffff_ffff])('a size of %i is refused', (claimed) => {
  const struct = pluginOf(claimed);
  const found = structReader('aisopod_plugin').read(addressOf(struct));
  expect(found).toEqual({ member: 'size', expected: `${required} to 4096`, found: String(claimed) });
});

test('a member past the size reads as 0, whatever lies there', () => {
  const struct = pluginOf(required);
  const reader = structReader('aisopod_plugin');
  expect(reader.read(addressOf(struct))).toBeUndefined();
  expect(reader.pointer('shutdown')).not.toBe(0);
  expect(reader.pointer('get_extension')).toBe(0);
});

test('a larger struct is read as far as this host knows it', () => {
  const struct = pluginOf(4096, 4096);
  const reader = structReader('aisopod_plugin');
  expect(reader.read(addressOf(struct))).toBeUndefined();
  expect(reader.u32('flags')).toBe(0x5a5a_5a5a);
});

test('a word of 2^53 and more fits no bound, but comes back whole where it is the plugin’s own', () => {
  const struct = pluginOf(size);
  struct.writeBigUInt64LE(0xfedc_ba98_7654_3210n, members.self.offset);
  struct.writeBigUInt64LE(2n ** 53n - 1n, members.id.offset);
  const reader = structReader('aisopod_plugin');
  reader.read(addressOf(struct));
  expect(reader.word('self')).toBe(Infinity);
  expect(reader.opaque('self')).toBe(0xfedc_ba98_7654_3210n);
  expect(reader.word('id')).toBe(Number.MAX_SAFE_INTEGER);
  expect(reader.opaque('id')).toBe(Number.MAX_SAFE_INTEGER);
});
