import { describe, expect, test } from '@jest/globals';
import { isOnlyMember, isPrivateGroup } from '../../src/trust/private-group.js';

const USERS = ['root:x:0:0::/root:/bin/sh', 'ann:x:1001:1002::/home/ann:/bin/sh', 'bob:x:1003:100::/home/bob:/bin/sh', 'cyd:x:1004:100::/home/cyd:/bin/sh'];
const GROUPS = ['root:x:0:', 'ann:x:1002:', 'users:x:100:', 'staff:x:50:ann'];

const alone = (uid: number, gid: number, groups = GROUPS): boolean => isOnlyMember(uid, gid, `${groups.join('\n')}\n`, `${USERS.join('\n')}\n`);

describe('a group is private', () => {
  test('where it is the first group of its one member', () => expect(alone(1001, 1002)).toBe(true));
  test('where its own user is also listed as a member', () => expect(alone(1001, 1002, ['ann:x:1002:ann'])).toBe(true));
  test('by the custom that user and group have one number', async () => expect(await isPrivateGroup(54321, 54321)).toBe(true));
});

describe('a group is not private', () => {
  test("where it is somebody else's", () => expect(alone(1003, 1002)).toBe(false));
  test('where others have it as their first group', () => expect(alone(1003, 100)).toBe(false));
  test('where others are listed', () => expect(alone(1001, 1002, ['ann:x:1002:ann,bob'])).toBe(false));
  test('where others are listed under another name of it', () => expect(alone(1001, 1002, ['ann:x:1002:', 'friends:x:1002:bob'])).toBe(false));
  test("where it is only the user's second group", () => expect(alone(1001, 50)).toBe(false));
  test('where the system does not know it', () => expect(alone(1001, 54321)).toBe(false));
  test('where the system knows no groups', () => expect(alone(1001, 1002, [])).toBe(false));
});
