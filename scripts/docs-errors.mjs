/**
 * Writes docs/errors.md from the error table in src/errors: `node scripts/docs-errors.mjs`.
 * With --check it writes nothing, and fails where the page is not what the table says.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = path.join(root, 'docs/errors.md');

const SECTIONS = [
  ['LOAD_ERRORS', 'LoadError', 'A plugin was not loaded. Nothing of it runs afterwards.'],
  ['LIFECYCLE_ERRORS', 'LifecycleError', 'A plugin failed between loading and retirement, or a host asked for what cannot be.'],
  ['INVOCATION_ERRORS', 'InvocationError', 'One invocation failed. The plugin and its other invocations go on.'],
];

const HEAD = `# Errors

<!-- Made by scripts/docs-errors.mjs from the table in src/errors. Change the table, not this page. -->

Everything that this package throws is a \`LoadError\`, a \`LifecycleError\` or an \`InvocationError\`, each a \`PluginError\`. The
same codes stand in \`host.report()\`, in the log, and in what the command line prints. A code is stable: it is never given
another meaning.

Every error has \`code\`, \`step\` (where on a plugin's way it happened), \`message\` and \`hint\` (what to do about it), and where
they are known \`pluginId\`, \`path\` (the file or folder concerned) and \`cause\` (the error below, the system's own words
included). \`toJSON()\` gives all of it as plain data. The fields below come on top; \`ERROR_TABLE\` is the table itself.
`;

const program = ts.createProgram([path.join(root, 'src/errors/index.ts')], { strict: true, module: ts.ModuleKind.NodeNext });
const checker = program.getTypeChecker();

/** The properties of a table, those of tables that are spread into it included. */
function rowsOf(table) {
  const files = program.getSourceFiles().filter(({ fileName }) => fileName.includes('/src/errors/'));
  const declarations = files.flatMap(({ statements }) =>
    statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) => [...declarationList.declarations]),
  );
  const { initializer } = declarations.find(({ name }) => name.getText() === table);
  const object = ts.isAsExpression(initializer) ? initializer.expression : initializer;
  return object.properties.flatMap((property) => (ts.isSpreadAssignment(property) ? rowsOf(property.expression.getText()) : [property]));
}

/** Every text that an expression may be, with `<name>` where a field goes in. */
function textsOf(node) {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) {
    return [node.templateSpans.reduce((text, { expression, literal }) => `${text}${insertedText(expression)}${literal.text}`, node.head.text)];
  }
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (ts.isBinaryExpression(node)) return textsOf(node.right);
  if (ts.isArrowFunction(node)) return ts.isBlock(node.body) ? textsReturnedIn(node.body) : textsOf(node.body);
  if (ts.isParenthesizedExpression(node)) return textsOf(node.expression);
  if (ts.isCallExpression(node)) return textsOf(node.expression);
  if (ts.isIdentifier(node)) return textsOfFunction(declarationOf(node));
  if (ts.isElementAccessExpression(node)) return rowsOf(node.expression.getText()).flatMap(({ initializer }) => textsOf(initializer));
  if (ts.isPropertyAccessExpression(node)) return rowsOf(node.expression.getText()).filter(({ name }) => name.getText() === node.name.text).flatMap(({ initializer }) => textsOf(initializer));
  return [];
}

/** What a template inserts: the name of a field, or every text that the expression may be. */
function insertedText(expression) {
  const texts = textsOf(expression).filter((text) => text !== '');
  return texts.length === 0 ? `<${expression.getText()}>` : texts.join(' Or: ');
}

function declarationOf(name) {
  const symbol = checker.getSymbolAtLocation(name);
  return (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol).valueDeclaration;
}

/** Every text that a function of the table may return. */
function textsOfFunction(declaration) {
  return declaration !== undefined && ts.isFunctionDeclaration(declaration) ? textsReturnedIn(declaration.body) : [];
}

function textsReturnedIn(body) {
  const texts = [];
  const visit = (node) => {
    if (ts.isReturnStatement(node)) texts.push(...textsOf(node.expression));
    else ts.forEachChild(node, visit);
  };
  visit(body);
  return texts;
}

function fieldsOf(typeNode) {
  return checker.getPropertiesOfType(checker.getTypeFromTypeNode(typeNode)).map((property) => {
    const type = checker.typeToString(checker.getTypeOfSymbol(property), undefined, ts.TypeFormatFlags.NoTruncation);
    const comment = ts.displayPartsToString(property.getDocumentationComment(checker));
    const optional = (property.flags & ts.SymbolFlags.Optional) !== 0 ? '?' : '';
    return `  - \`${property.name}${optional}: ${type.replace(/ \| undefined$/, '')}\`${comment === '' ? '' : `: ${comment}`}`;
  });
}

function sectionOf(row) {
  const [{ properties }] = row.initializer.arguments;
  const member = (name) => {
    const texts = textsOf(properties.find((property) => property.name.getText() === name).initializer);
    if (texts.length === 0) throw new Error(`${row.name.getText()}: no text found for ${name}; teach textsOf the expression that it is written as`);
    return texts;
  };
  const fields = fieldsOf(row.initializer.typeArguments[0]);
  return [
    `### ${row.name.getText()}`,
    '',
    member('when')[0],
    '',
    `- Step: \`${member('step')[0]}\``,
    `- What to do: ${member('hint').join(' Or: ')}`,
    ...(fields.length > 0 ? ['- Fields:', ...fields] : []),
    '',
  ].join('\n');
}

const sections = SECTIONS.map(([table, name, about]) => `## ${name}\n\n${about}\n\n${rowsOf(table).map(sectionOf).join('\n')}`);
const text = `${[HEAD, ...sections].join('\n').trimEnd()}\n`;

if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8').replaceAll('\r\n', '\n') !== text) {
  console.error('docs/errors.md is not what src/errors says: run node scripts/docs-errors.mjs');
  process.exitCode = 1;
}
