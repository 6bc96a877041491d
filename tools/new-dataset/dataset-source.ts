/** Writes a dataset as TypeScript, as a person would. */

import type { Quoting } from '../../functions/core/dataset/file-format/quoting.ts';
import type { ColumnForm } from './column/guess-column.ts';

/** The parts of a dataset's source, with their comments. */
export interface DatasetText {
  readonly name: string;
  /** The comment on the dataset, a sentence per line. */
  readonly about: readonly string[];
  readonly columns: readonly ColumnText[];
  /** Template with the columns' names in braces. */
  readonly key: string;
  readonly sort: string | undefined;
  /** The comment on the key. */
  readonly aboutKey: string;
  readonly delimiter: string | undefined;
  /** Undefined for UTF-8 and UTF-16. */
  readonly encodings: readonly string[] | undefined;
  /** How quotes and comments are used, if not as usual. */
  readonly quoting: Quoting;
  /** What the footer starts with, as a regular expression, if there is one. */
  readonly footer: string | undefined;
  /** Where the header is, if not in the first line. */
  readonly header: { readonly find: true } | false | undefined;
}

export interface ColumnText {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly form: ColumnForm;
  /** Cells that are treated as empty. */
  readonly nulls: readonly string[];
  /** Whether an empty cell is omitted; if not, its row is rejected. */
  readonly mayBeEmpty: boolean;
  /** The comment on the column. */
  readonly about: string;
}

/** Names that a variable in a module cannot have; source: ECMAScript 2024, 12.7.2 and 13.1.1. */
const RESERVED: readonly string[] = [
  ...['arguments', 'await', 'break', 'case', 'catch', 'class', 'const', 'continue', 'debugger', 'default'],
  ...['delete', 'do', 'else', 'enum', 'eval', 'export', 'extends', 'false', 'finally', 'for', 'function'],
  ...['if', 'implements', 'import', 'in', 'instanceof', 'interface', 'let', 'new', 'null', 'package'],
  ...['private', 'protected', 'public', 'return', 'static', 'super', 'switch', 'this', 'throw', 'true'],
  ...['try', 'typeof', 'undefined', 'var', 'void', 'while', 'with', 'yield'],
];

/** Names that a dataset's module may import, or that `datasets/index.ts` has. */
const TAKEN: readonly string[] = [
  ...['boolean', 'dataset', 'date', 'dateTime', 'decimal', 'integer', 'text'],
  ...['datasetNamed', 'datasetNames', 'datasets', 'didYouMean', 'tableOf'],
];

/** The name of a dataset's variable: the dataset's name in camel case. */
export function variableOf(name: string): string {
  const camel = name.replaceAll(/-+([a-z0-9]?)/g, (_, next: string) => next.toUpperCase());
  const isTaken = RESERVED.includes(camel) || TAKEN.includes(camel) || camel in globalThis;
  return isTaken ? `${camel}Dataset` : camel;
}

/**
 * The source of a dataset's module, not yet formatted.
 * @param core path from the module's folder to `functions/core`
 */
export function datasetSource(dataset: DatasetText, core: string): string {
  const { name, about, columns, key, sort, aboutKey, delimiter, encodings, quoting, footer, header } =
    dataset;
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
      : [
          '// The delimiter of the sample. A file with another one is rejected.',
          `delimiter: ${literal(delimiter)},`,
        ]),
    ...(encodings === undefined ? [] : [ENCODINGS_COMMENT, `encodings: ${literal(encodings)},`]),
    ...Object.entries(quoting).map(([option, value]) => `${option}: ${literal(value)},`),
    ...(footer === undefined ? [] : [`footer: /^${footer}/i,`]),
    ...(header === undefined ? [] : [`header: ${header === false ? 'false' : objectSource(header)},`]),
    '});',
    '',
  ].join('\n');
}

const ENCODINGS_COMMENT =
  '// The sample is not UTF-8, and its bytes look like this. Check that its letters are read correctly.';

function columnSource({ form, aliases, nulls, mayBeEmpty }: ColumnText): string {
  const options = {
    ...(aliases.length > 0 && { aliases }),
    ...form.options,
    ...(nulls.length > 0 && { nulls }),
    ...(mayBeEmpty && { empty: 'omit' }),
  };
  const args = [
    ...(form.kind === 'boolean' ? [objectSource(form.words)] : []),
    ...(Object.keys(options).length > 0 ? [objectSource(options)] : []),
  ];
  return `${form.kind}(${args.join(', ')})`;
}

function objectSource(object: object): string {
  return `{ ${Object.entries(object)
    .map(([name, value]) => `${name}: ${literal(value)}`)
    .join(', ')} }`;
}

/** A TypeScript literal; all JSON is valid TypeScript. */
function literal(value: unknown): string {
  return JSON.stringify(value);
}
