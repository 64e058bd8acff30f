import { trueOrFalse } from '../../options/fields.js';
import { group } from '../../options/group.js';
import { readOptions } from '../../options/read-options.js';
import type { UpdateOptions } from './update-result.js';

const updateOptions = group<UpdateOptions>({ allowFewer: trueOrFalse, discardState: trueOrFalse });

/** @throws LoadError ERR_OPTIONS */
export const readUpdateOptions = (given: UpdateOptions = {}): UpdateOptions => readOptions(updateOptions, given);
