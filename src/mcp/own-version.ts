import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../files/index.js';

/** The version of this package; 0.0.0 if this code is in a bundle of the host. */
export function ownVersion(): string {
  const root = packageRoot();
  if (root === undefined) return '0.0.0';
  const { version = '0.0.0' } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version?: string };
  return version;
}
