import { expect, test } from '@jest/globals';
import { readChannelSpec } from '../../src/capability/channel-spec.js';
import { activePlugin, found } from './active-plugin.js';

test('a channel without a spec has its name as its label, and can do nothing more than send', async () => {
  const start = (): Promise<void> => Promise.resolve();
  const registry = await activePlugin((api) => {
    api.registerChannel({ name: 'plain', start, send: () => null });
    api.registerChannel({ name: 'rich', label: 'Rich', threads: true, media: ['audio'], edits: true, reactions: true, start, send: () => null });
  });
  expect(found(registry, 'channel', 'plain')).toMatchObject({ label: 'plain', features: { threads: false, media: [], edits: false, reactions: false } });
  expect(found(registry, 'channel', 'rich')).toMatchObject({ label: 'Rich', features: { threads: true, media: ['audio'], edits: true, reactions: true } });
});

test.each<[unknown, RegExp]>([
  [5, /expected an object/],
  [[], /expected an object/],
  [{ thread: true }, /unknown key "thread" \(did you mean threads\?\)/],
  [{ constructor: 1 }, /unknown key "constructor"/],
  [{ label: '' }, /label: expected 1 to 256 characters, found ""/],
  [{ threads: 1 }, /threads: expected a boolean, found 1/],
  [{ media: 'image' }, /media: expected a list of image, audio, video, document, found "image"/],
  [{ media: ['film'] }, /media: .*found \["film"\]/],
  [{ reactions: null }, /reactions: expected a boolean, found null/],
])('%j is refused', (spec, reason) => {
  expect(() => readChannelSpec(spec)).toThrow(reason);
});
