/** The parser class of @iarna/toml, which the package's own types leave out: the members that toml.ts builds on. */
declare module '@iarna/toml/lib/toml-parser.js' {
  /** One level of the parser's stack: the key, list or inline table being read. */
  export interface State {
    resultTable: unknown;
    resultArr: unknown[] | null;
  }
  export interface Assignment {
    key: string[];
    value: unknown;
  }
  export default class TOMLParser {
    /** The table that the last header opened; the document at first. */
    protected ctx: object;
    protected state: State;
    protected stack: State[];
    /** The code point being read; 0x110000 at the end. */
    char: number;
    line: number;
    col: number;
    parse(text: string): void;
    finish(): Record<string, unknown>;
    protected returnNow(value: unknown): unknown;
    protected parseKeyword(): unknown;
    protected parseValue(): unknown;
    protected parseTable(): unknown;
    protected parseList(): unknown;
    protected parseTableMore(key: string): unknown;
    protected parseListMore(key: string): unknown;
    protected recordAssignKeyword(key: string): unknown;
    protected recordAssignValue(value: unknown): unknown;
    protected recordAssignStatement(assignment: Assignment): unknown;
    protected recordInlineTableValue(assignment: Assignment): unknown;
    protected recordInlineListValue(value: unknown): unknown;
  }
}
