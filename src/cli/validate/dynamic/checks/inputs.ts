import type { Buffer } from 'node:buffer';
import { Format } from '../../../../abi/constants.js';
import type { CapabilityDescriptor } from '../../../../capability/descriptor.js';
import type { NativeCapability } from '../../../../native/native-capability.js';
import type { DynamicCheck } from '../../check.js';
import { HOSTILE_INPUTS, mutate } from '../inputs/hostile.js';
import { parametersOf, samplesOf } from '../inputs/samples.js';
import { withSession, type Session } from '../session.js';
import { row, unfinished } from './row.js';

const GENERATED = 25;
const MUTATED = 40;

/** The names of members that the plugin may look for. */
function memberNames(capability: CapabilityDescriptor, session: Session): readonly string[] {
  const schema = capability.kind === 'tool' ? parametersOf(capability) : true;
  const properties = typeof schema === 'object' ? Object.keys(schema.properties ?? {}) : [];
  const inSample = samplesOf(capability, { random: session.random }).flatMap(({ input }) => {
    const value: unknown = JSON.parse(input);
    return typeof value === 'object' && value !== null ? Object.keys(value) : [];
  });
  return [...new Set([...properties, ...inSample, 'a'])];
}

/** Calls each method with each input. The plugin may fail; it must not crash, hang or break the contract. */
const sending = (inputsFor: (session: Session, capability: NativeCapability, sample: string) => readonly (Buffer | string)[], format: number = Format.JSON) =>
  withSession({ memory: { guarded: ['input', 'lent'] } }, async (session) => {
    for (const capability of session.capabilities) {
      for (const { method, input: sample } of samplesOf(capability.descriptor, { random: session.random })) {
        for (const input of inputsFor(session, capability, sample)) {
          if (session.isOver) return;
          await session.call({ capability, method, input, format });
        }
      }
    }
  }, unfinished);

const hostile = (name: keyof typeof HOSTILE_INPUTS) => sending((session, { descriptor }) => HOSTILE_INPUTS[name](memberNames(descriptor, session)));

const times = <T>(count: number, make: () => T): readonly T[] => Array.from({ length: count }, make);

const CRASHES = 'A caller can take the plugin down.';

export const INPUT_CHECKS: readonly DynamicCheck[] = [
  row(
    { id: 'generated-input', source: 'ABI: aisopod_capability.spec', title: 'The plugin survives input that its schemas allow', breaks: 'A model that uses the tool as described takes the plugin down.' },
    sending((session, { descriptor }, sample) => [sample, ...times(descriptor.kind === 'tool' ? GENERATED : 1, () => samplesOf(descriptor, { random: session.random })[0]?.input ?? sample)]),
  ),
  row({ id: 'mutated-input', source: 'rule 5', title: 'The plugin survives valid input with changes at random', breaks: CRASHES }, sending((session, _capability, sample) => times(MUTATED, () => mutate(sample, session.random)))),
  row({ id: 'empty-input', source: 'rule 5', title: 'The plugin survives an input without content', breaks: CRASHES }, hostile('empty')),
  row({ id: 'input-not-json', source: 'rule 5', title: 'The plugin survives input that is neither JSON nor UTF-8', breaks: CRASHES }, hostile('not-json')),
  row({ id: 'deep-input', source: 'rule 8', title: 'The plugin survives 10000 nested lists or objects, with 1 MiB of stack', breaks: CRASHES }, hostile('deep')),
  row({ id: 'huge-input', source: 'rule 5', title: 'The plugin survives an input of 4 MiB', breaks: CRASHES }, hostile('huge')),
  row({ id: 'wrong-types', source: 'rule 5', title: 'The plugin survives members of other types than its schemas say', breaks: CRASHES }, hostile('wrong-types')),
  row({ id: 'bytes-input', source: 'ABI: aisopod_request', title: 'The plugin survives input in the format BYTES', breaks: CRASHES }, sending((session, _capability, sample) => [sample, mutate(sample, session.random)], Format.BYTES)),
];
