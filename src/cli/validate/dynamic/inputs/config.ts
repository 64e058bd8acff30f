import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Subject } from '../../check.js';
import { Random } from '../random.js';
import { generate } from './generate.js';

/** The configuration that was given, or one that fits the plugin's schema: its defaults, and a value for each member that is required and has none. */
export function configOf({ folder, manifest, config }: Subject): string {
  if (config !== undefined) return config;
  if (manifest.config === undefined) return '{}';
  try {
    const schema = JSON.parse(readFileSync(join(folder, manifest.config.schema), 'utf8')) as unknown;
    return JSON.stringify(configFor(schema, schema));
  } catch {
    return '{}'; // the static checks report a schema that cannot be read
  }
}

function configFor(schema: unknown, root: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return {};
  const { properties = {}, required = [] } = schema as { properties?: Record<string, unknown>; required?: string[] };
  const value: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(properties)) {
    const given = typeof member === 'object' && member !== null ? (member as Record<string, unknown>) : {};
    if ('default' in given) value[name] = given.default;
    else if (required.includes(name)) value[name] = generate(member, { random: new Random(0, name) }, root);
  }
  return value;
}
