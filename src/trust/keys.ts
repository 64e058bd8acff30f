import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { types } from 'node:util';
import { LoadError, messageOf } from '../errors/index.js';

/** A key as PEM text, or as node:crypto has it. Ed25519. */
export type Key = string | KeyObject;

/** Whether it can be a key at all; which kind of key it is, is another check. */
export const isKey = (value: unknown): value is Key => typeof value === 'string' || types.isKeyObject(value);

const isArray = (value: unknown): boolean => Array.isArray(value);

/** @throws LoadError ERR_TRUST_OPTIONS */
export function publicKeys(keys: readonly Key[]): KeyObject[] {
  if (!isArray(keys)) throw new LoadError('ERR_TRUST_OPTIONS', { option: 'keys', expected: 'an array of public keys', found: `a value of type ${typeof keys}` });
  return keys.map((key, index) => toKey(`keys[${index}]`, 'public', key, createPublicKey));
}

/** @throws LoadError ERR_TRUST_OPTIONS */
export function privateKey(key: Key): KeyObject {
  return toKey('privateKey', 'private', key, createPrivateKey);
}

function toKey(option: string, type: 'public' | 'private', key: Key, parse: (pem: string) => KeyObject): KeyObject {
  const refuse = (found: string, cause?: unknown): LoadError =>
    new LoadError('ERR_TRUST_OPTIONS', { option, expected: `an Ed25519 ${type} key, as PEM or KeyObject`, found }, { cause });
  // It is not shown: it may be a secret.
  if (!isKey(key)) throw refuse(`a value of type ${typeof key}`);
  let parsed: KeyObject;
  try {
    parsed = typeof key === 'string' ? parse(key) : key;
  } catch (cause) {
    // Its text is not shown: it may be a secret.
    throw refuse(`text that is no key (${messageOf(cause)})`, cause);
  }
  if (parsed.type === type && parsed.asymmetricKeyType === 'ed25519') return parsed;
  throw refuse(`a ${parsed.type} key${parsed.asymmetricKeyType === undefined ? '' : ` of type ${parsed.asymmetricKeyType}`}`);
}
