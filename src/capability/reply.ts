import type { z } from 'zod';
import { InvocationError } from '../errors/index.js';
import { withoutAddedMembers } from '../options/added-members.js';
import { decodeJson } from './json.js';
import type { Callee } from '../invocation/callee.js';

const LONGEST_SHOWN = 60;

/** How an error shows what came in place of what was expected. */
const shown = (json: string): string => (json.length > LONGEST_SHOWN ? `${json.slice(0, LONGEST_SHOWN)}…` : json);

/** That a plugin sent something else than its kind's contract has. */
export function invalidReply(callee: Callee, expected: string, found: string): InvocationError {
  const { capability, pluginId } = callee;
  return new InvocationError('ERR_INVALID_REPLY', { capability, expected, found }, { pluginId });
}

/** A reply of the shape that `schema` says and `expected` words. @throws InvocationError ERR_INVALID_REPLY */
export function decodeReply<S extends z.ZodType>(json: string, schema: S, expected: string, callee: Callee): z.output<S> {
  const document = decodeJson(json, callee);
  const reply = withoutAddedMembers(() => schema.safeParse(document));
  if (reply.success) return reply.data;
  throw invalidReply(callee, expected, shown(json));
}
