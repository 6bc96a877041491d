/** Adds a dataset to the sources that list the datasets, and leaves all else in them as it is. */

import { type Expression, type ModuleItem, parseSync } from '@swc/core';
import { UsageError } from '../../report/terminal/errors.ts';

/** A source file of the project. */
export interface SourceFile {
  /** Path from the project's root. */
  readonly path: string;
  readonly source: string;
}

/**
 * The source of `datasets/index.ts` with one more dataset: its import, and its variable in the list `datasets`. The source
 * is not formatted, and its imports are not sorted.
 * @param variable the dataset's variable
 * @param module the dataset's module, such as `./orders.ts`
 * @throws UsageError if the source imports the module or the variable already, or has no list `datasets`
 */
export function withDataset(file: SourceFile, variable: string, module: string): string {
  const items = itemsOf(file);
  const imports = items.filter((item) => item.type === 'ImportDeclaration');
  for (const item of imports) {
    if (item.source.value === module || item.specifiers.some(({ local }) => local.value === variable)) {
      throw new UsageError(
        `${file.path} already imports ${variable} or ${module}. Choose another name with --name.`,
      );
    }
  }
  const list = variableNamed(items, 'datasets');
  if (list?.type !== 'ArrayExpression') throw missing(file, 'list', 'datasets');
  const edited = withLast(file.source, list.span, list.elements.at(-1)?.expression, variable);
  // The imports come first, so the list's edit has not moved them.
  const line = `\nimport { ${variable} } from ${JSON.stringify(module)};`;
  return inserted(edited, (imports.at(-1)?.span.end ?? 1) - 1, line);
}

/**
 * The source of an environment with one more dataset among its `datasets`. The source is not formatted.
 * @param variable the environment's variable
 * @throws UsageError if the source has no object `datasets` in an object of that name, or the dataset is there already
 */
export function withPrefix(file: SourceFile, variable: string, name: string, prefix: string): string {
  const environment = variableNamed(itemsOf(file), variable);
  const datasets = propertiesOf(environment).find(({ key }) => key === 'datasets')?.value;
  if (datasets?.type !== 'ObjectExpression') throw missing(file, 'object', 'datasets');
  const properties = propertiesOf(datasets);
  if (properties.some(({ key }) => key === name)) {
    throw new UsageError(`${file.path} already names the dataset ${JSON.stringify(name)}.`);
  }
  const entry = `${JSON.stringify(name)}: ${JSON.stringify(prefix)}`;
  return withLast(file.source, datasets.span, properties.at(-1)?.value, entry);
}

function missing(file: SourceFile, what: string, name: string): UsageError {
  return new UsageError(
    `${file.path} has no ${what} ${name} that can be extended. Run the command without --add, and list the dataset by hand.`,
  );
}

function itemsOf({ source }: SourceFile): readonly ModuleItem[] {
  return parseSync(source, { syntax: 'typescript' }).body;
}

/** The value of a variable of the module, exported or not, without its type. */
function variableNamed(items: readonly ModuleItem[], name: string): Expression | undefined {
  for (const item of items) {
    const declaration = item.type === 'ExportDeclaration' ? item.declaration : item;
    if (declaration.type !== 'VariableDeclaration') continue;
    for (const { id, init } of declaration.declarations) {
      if (id.type === 'Identifier' && id.value === name) return init ?? undefined;
    }
  }
  return undefined;
}

function propertiesOf(
  object: Expression | undefined,
): { readonly key: string; readonly value: Expression }[] {
  if (object?.type !== 'ObjectExpression') return [];
  return object.properties.flatMap((property) => {
    if (property.type !== 'KeyValueProperty') return [];
    const { key, value } = property;
    return key.type === 'Identifier' || key.type === 'StringLiteral'
      ? [{ key: String(key.value), value }]
      : [];
  });
}

/** Bytes in the source, the first being 1, as SWC counts them. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** The source with one more entry in a list or an object. */
function withLast(source: string, list: Span, last: Expression | undefined, entry: string): string {
  const isEmpty = last === undefined || !('span' in last);
  // After the opening bracket if there is no entry yet.
  const at = isEmpty ? list.start : last.span.end - 1;
  return inserted(source, at, isEmpty ? `${entry},` : `, ${entry}`);
}

/** @param at byte of the source, the first being 0 */
function inserted(source: string, at: number, text: string): string {
  const bytes = Buffer.from(source);
  return `${bytes.subarray(0, at)}${text}${bytes.subarray(at)}`;
}
