import { expect, test } from '@jest/globals';
import path from 'node:path';
import ts from 'typescript';
import { projectRoot } from '../support/fixtures.js';

/** Types that the compiler computes from others: nobody needs to write their names. */
const COMPUTED = ['Branch', 'Member', 'Registrars', 'Table'];
/** The types of the error classes, which are exported as values. */
const OF_CLASSES = ['InvocationErrorConstructor', 'LifecycleErrorConstructor', 'LoadErrorConstructor'];

const dist = path.join(projectRoot, 'dist');
const entry = path.join(dist, 'index.d.ts');

const isType = (node: ts.Node): boolean => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isClassDeclaration(node);

const isPrivate = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);

/** The names of the package's types that an exported declaration mentions and that are not exported. */
function unexportedTypes(): string[] {
  const program = ts.createProgram([entry], { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, skipLibCheck: true, types: ['node'] });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const api = source && checker.getSymbolAtLocation(source);
  if (api === undefined) throw new Error(`${entry} is not a module`);
  const resolve = (symbol: ts.Symbol): ts.Symbol => ((symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol));
  const exported = new Set(checker.getExportsOfModule(api).map(resolve));
  const missing = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (isPrivate(node)) return;
    const symbol = ts.isIdentifier(node) ? checker.getSymbolAtLocation(node) : undefined;
    const target = symbol && resolve(symbol);
    const isOurs = target?.declarations?.every((found) => isType(found) && found.getSourceFile().fileName.startsWith(dist)) === true;
    if (target !== undefined && isOurs && !exported.has(target)) missing.add(target.name);
    ts.forEachChild(node, visit);
  };
  for (const { declarations = [] } of exported) declarations.forEach(visit);
  expect(exported.size).toBeGreaterThan(100);
  return [...missing].sort();
}

test('every type that the public API mentions is exported', () => {
  expect(unexportedTypes()).toEqual([...COMPUTED, ...OF_CLASSES].sort());
});
