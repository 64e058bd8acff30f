import * as z from 'zod';
import { isOptionsObject } from './options-object.js';

/** A schema for each option of `T`. Every option is optional unless it is in `required`. */
export type Shape<T> = { readonly [K in keyof T]-?: z.ZodType<Exclude<T[K], undefined>> };

export interface GroupRules<T> {
  readonly required?: readonly (keyof T & string)[];
}

/**
 * An object of options. Reads each one once, including getters and inherited members. An unknown name is an error. The
 * result is a plain object without undefined options.
 */
export function group<T extends object>(shape: Shape<T>, { required = [] }: GroupRules<T> = {}): z.ZodType<T> {
  const fields = Object.fromEntries(
    Object.entries<z.ZodType>(shape).map(([key, field]) => [key, (required as readonly string[]).includes(key) ? field : field.optional()]),
  );
  const known = Object.keys(shape);
  const copied = z.unknown().transform((given, context) => {
    if (!isOptionsObject(given)) {
      context.issues.push({ code: 'custom', message: 'an object', input: given });
      return z.NEVER;
    }
    const unknown = Object.keys(given).filter((key) => !known.includes(key));
    // No prototype: members that other code added to Object.prototype would count as unknown names.
    const copy = Object.create(null) as Record<string, unknown>;
    for (const key of [...known.filter((key) => hasMember(given, key)), ...unknown]) {
      try {
        const value = given[key];
        if (value !== undefined || !known.includes(key)) copy[key] = value;
      } catch (error) {
        context.issues.push({ code: 'custom', path: [key], message: 'an option that can be read', input: error });
      }
    }
    return copy;
  });
  // The only possible error of the object itself is an unknown name. read-options.ts builds its message.
  return copied.pipe(z.strictObject(fields, { error: JSON.stringify(known) })) as unknown as z.ZodType<T>;
}

/** Counts inherited members too, except those of Object.prototype, which other code may have added. */
function hasMember(object: object, key: string): boolean {
  for (let at: object | null = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null) {
    if (Object.hasOwn(at, key)) return true;
  }
  return false;
}

/** The subset of the options that `shape` has. */
export function pick<T extends object>(shape: Shape<T>, options: object): T {
  return Object.fromEntries(Object.entries(options).filter(([key]) => key in shape)) as T;
}
