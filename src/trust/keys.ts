import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { types } from 'node:util';
import { LoadError, messageOf } from '../errors/index.js';

/** An Ed25519 key, as PEM text or as a KeyObject of node:crypto. */
export type Key = string | KeyObject;

/** Checks the type only, not which kind of key it is. */
export const isKey = (value: unknown): value is Key => typeof value === 'string' || types.isKeyObject(value);

const isArray = (value: unknown): boolean => Array.isArray(value);

/** Keys for verifying. `option` is the name of the host option that they come from, if any. @throws LoadError ERR_KEY, ERR_TRUST_OPTIONS */
export function publicKeys(keys: readonly Key[], option?: string): KeyObject[] {
  if (!isArray(keys)) throw keyError(option, 'verify', 'an array of public keys', `a value of type ${typeof keys}`);
  return keys.map((key, index) => toKey(option && `${option}[${index}]`, 'public', key, createPublicKey));
}

/** A key for signing. @throws LoadError ERR_KEY */
export function privateKey(key: Key): KeyObject {
  return toKey(undefined, 'private', key, createPrivateKey);
}

function toKey(option: string | undefined, type: 'public' | 'private', key: Key, parse: (pem: string) => KeyObject): KeyObject {
  const expected = `an Ed25519 ${type} key, as PEM or KeyObject`;
  const refuse = (found: string, cause?: unknown): LoadError =>
    keyError(option, type === 'private' ? 'sign' : 'verify', expected, found, cause);
  // The error must not contain the value: it may be a secret.
  if (!isKey(key)) throw refuse(`a value of type ${typeof key}`);
  let parsed: KeyObject;
  try {
    parsed = typeof key === 'string' ? parse(key) : key;
  } catch (cause) {
    throw refuse(`text that is not a key (${messageOf(cause)})`, cause);
  }
  if (parsed.type === type && parsed.asymmetricKeyType === 'ed25519') return parsed;
  throw refuse(`a ${parsed.type} key${parsed.asymmetricKeyType === undefined ? '' : ` of type ${parsed.asymmetricKeyType}`}`);
}

function keyError(option: string | undefined, use: 'sign' | 'verify', expected: string, found: string, cause?: unknown): LoadError {
  return option === undefined
    ? new LoadError('ERR_KEY', { use, expected, found }, { cause })
    : new LoadError('ERR_TRUST_OPTIONS', { option, expected, found }, { cause });
}
