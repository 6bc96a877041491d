/** Writes a dataset down as the TypeScript that a person would write. */

import type { ColumnForm } from './guess-column.ts';

/** A dataset, with what is said about each part of it. */
export interface DatasetText {
  readonly name: string;
  /** Of the whole; a sentence a line. */
  readonly about: readonly string[];
  readonly columns: readonly ColumnText[];
  /** With the columns' names in braces. */
  readonly key: string;
  readonly sort: string | undefined;
  readonly aboutKey: string;
  readonly delimiter: string | undefined;
  readonly isWindows1252: boolean;
}

export interface ColumnText {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly form: ColumnForm;
  /** Whether an empty cell is left out; if not, its row is rejected. */
  readonly mayBeEmpty: boolean;
  readonly about: string;
}

/** Names that cannot be a variable's in a module; source: ECMAScript 2024, 12.7.2 and 13.1.1. */
const RESERVED: readonly string[] = [
  ...['arguments', 'await', 'break', 'case', 'catch', 'class', 'const', 'continue', 'debugger', 'default'],
  ...['delete', 'do', 'else', 'enum', 'eval', 'export', 'extends', 'false', 'finally', 'for', 'function'],
  ...['if', 'implements', 'import', 'in', 'instanceof', 'interface', 'let', 'new', 'null', 'package'],
  ...['private', 'protected', 'public', 'return', 'static', 'super', 'switch', 'this', 'throw', 'true'],
  ...['try', 'typeof', 'undefined', 'var', 'void', 'while', 'with', 'yield'],
];

/** What a module with a dataset imports. */
const IMPORTED: readonly string[] = ['boolean', 'dataset', 'date', 'dateTime', 'decimal', 'integer', 'text'];

/** The variable that a dataset is kept in: its name in camel case. */
export function variableOf(name: string): string {
  const camel = name.replaceAll(/-+([a-z0-9]?)/g, (_, next: string) => next.toUpperCase());
  const isTaken = RESERVED.includes(camel) || IMPORTED.includes(camel) || camel in globalThis;
  return isTaken ? `${camel}Dataset` : camel;
}

/**
 * The module of a dataset, for a formatter to lay out.
 * @param core path from the module's folder to that of the core.
 */
export function datasetSource(dataset: DatasetText, core: string): string {
  const { name, about, columns, key, sort, aboutKey, delimiter, isWindows1252 } = dataset;
  const kinds = [...new Set(columns.map(({ form }) => form.kind))].sort();
  return [
    `import { ${kinds.join(', ')} } from ${literal(`${core}/dataset/columns.ts`)};`,
    `import { dataset } from ${literal(`${core}/dataset/dataset.ts`)};`,
    '',
    ...(about.length === 1 ? [`/** ${about[0]} */`] : ['/**', ...about.map((line) => ` * ${line}`), ' */']),
    `export const ${variableOf(name)} = dataset({`,
    `name: ${literal(name)},`,
    'columns: {',
    ...columns.flatMap((column) => [`// ${column.about}`, `${column.name}: ${columnSource(column)},`]),
    '},',
    `// ${aboutKey}`,
    `key: ${literal(key)},`,
    ...(sort === undefined ? [] : [`sort: ${literal(sort)},`]),
    ...(delimiter === undefined
      ? []
      : ['// As in the sample; a file with another one is refused.', `delimiter: ${literal(delimiter)},`]),
    ...(isWindows1252 ? [ENCODINGS_COMMENT, "encodings: ['utf-8', 'windows-1252'],"] : []),
    '});',
    '',
  ].join('\n');
}

const ENCODINGS_COMMENT =
  '// The sample is not UTF-8 and may be windows-1252: see whether its letters beyond ASCII come out right.';

function columnSource({ form, aliases, mayBeEmpty }: ColumnText): string {
  const options = {
    ...(aliases.length > 0 && { aliases }),
    ...form.options,
    ...(mayBeEmpty && { empty: 'omit' }),
  };
  const given = [
    ...(form.kind === 'boolean' ? [objectSource(form.words)] : []),
    ...(Object.keys(options).length > 0 ? [objectSource(options)] : []),
  ];
  return `${form.kind}(${given.join(', ')})`;
}

function objectSource(object: object): string {
  return `{ ${Object.entries(object)
    .map(([name, value]) => `${name}: ${literal(value)}`)
    .join(', ')} }`;
}

/** JSON is a part of TypeScript. */
function literal(value: unknown): string {
  return JSON.stringify(value);
}
