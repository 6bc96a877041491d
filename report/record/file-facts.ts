/** What FetchCsv detects about a file. */

import { z } from 'zod';
import { datasetNamed, datasetNames } from '../../datasets/index.ts';
import type { Fact } from './run-record.ts';

const fetchResult = z.object({
  source: z.object({
    bucket: z.string(),
    key: z.string(),
    versionId: z.string().optional(),
    size: z.number(),
  }),
  format: z.object({
    dataset: z.string(),
    compression: z.string(),
    encoding: z.string(),
    size: z.number(),
    delimiter: z.string(),
    columns: z.array(z.number()),
    headerLines: z.number(),
    ignored: z.array(z.string()),
    warnings: z.array(z.string()).default([]),
  }),
  plan: z.object({ mode: z.string() }),
  chunks: z.array(z.unknown()),
});

export type FetchedFile = Omit<z.output<typeof fetchResult>, 'chunks'> & { readonly chunks: number };

/** Parses the result of FetchCsv; undefined if the result is another task's. */
export function fetchedFile(result: unknown): FetchedFile | undefined {
  const { data } = fetchResult.safeParse(result);
  return data === undefined ? undefined : { ...data, chunks: data.chunks.length };
}

/** Bytes of the file after decompression; undefined until it is decompressed to the end. */
export function totalBytes({ format }: FetchedFile): number | undefined {
  return format.size === 0 ? undefined : format.size;
}

/** The facts as labels and values for a person to read. */
export function fileFacts({ source, format, plan, chunks }: FetchedFile): Fact[] {
  const { dataset, compression, encoding, delimiter, headerLines, ignored, warnings } = format;
  return [
    ['File', `s3://${source.bucket}/${source.key}`],
    ...(source.versionId === undefined ? [] : [['Version', source.versionId] as const]),
    ['Bytes', source.size.toLocaleString('en')],
    ['Dataset', dataset],
    ['Compression', compression],
    ['Encoding', encoding],
    ['Delimiter', delimiter === '\t' ? 'tab' : delimiter],
    ['Header lines', String(headerLines)],
    ['Columns', columns(format)],
    ...(ignored.length === 0 ? [] : [['Ignored columns', ignored.join(', ')] as const]),
    ...warnings.map((warning) => ['Warning', warning] as const),
    [
      'Chunks',
      `${chunks.toLocaleString('en')}, split by ${plan.mode === 'exact' ? 'scanning the whole file' : 'probes'}`,
    ],
  ];
}

/** The position in the file of each column of the dataset. */
function columns({ dataset, columns: positions }: FetchedFile['format']): string {
  // An execution on AWS may run another version of the program, with other datasets.
  const known = datasetNames.find((name) => name === dataset);
  const names = known === undefined ? [] : datasetNamed(known).columns.map(({ name }) => name);
  return positions
    .map((position, index) => {
      const name = names[index] ?? `column ${index + 1}`;
      return position === -1 ? `${name}: missing` : `${name}: ${position + 1}`;
    })
    .join(', ');
}
