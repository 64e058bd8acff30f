type TypeName = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null';

/** The part of JSON Schema that the schemas of payloads use. Unknown members are always allowed. */
export interface PayloadSchema {
  readonly type?: TypeName | readonly TypeName[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, PayloadSchema>>;
  readonly required?: readonly string[];
  readonly items?: PayloadSchema;
  readonly enum?: readonly string[];
}

/** A payload as it is published: a file in schemas/, a TypeScript type, and an example in docs/plugins.md. */
export interface Payload<T = unknown> {
  /** One line: what it is. */
  readonly title: string;
  readonly schema: PayloadSchema;
  readonly example: T;
}

/* Builders, so that a schema reads like a table. */

export const text = (description: string): PayloadSchema => ({ type: 'string', description });
export const number = (description: string): PayloadSchema => ({ type: 'number', description });
export const integer = (description: string): PayloadSchema => ({ type: 'integer', description });
export const flag = (description: string): PayloadSchema => ({ type: 'boolean', description });
export const anything = (description: string): PayloadSchema => ({ description });
export const oneOf = (words: readonly string[], description: string): PayloadSchema => ({ type: 'string', enum: words, description });
export const listOf = (items: PayloadSchema, description: string): PayloadSchema => ({ type: 'array', items, description });
export const object = (properties: Readonly<Record<string, PayloadSchema>>, description?: string, required?: readonly string[]): PayloadSchema => ({
  type: 'object',
  ...(description !== undefined && { description }),
  properties,
  ...(required !== undefined && { required }),
});
