/** What FetchCsv finds out about a file. */

import { z } from 'zod';
import { datasetNamed, datasetNames } from '../../datasets/index.ts';
import type { Fact } from './run-record.ts';

const found = z.object({
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
  }),
  plan: z.object({ mode: z.string() }),
  chunks: z.array(z.unknown()),
});

export type FoundFile = Omit<z.output<typeof found>, 'chunks'> & { readonly chunks: number };

/** Reads the result of a task, which is another one's than FetchCsv's mostly. */
export function foundFile(result: unknown): FoundFile | undefined {
  const { data } = found.safeParse(result);
  return data === undefined ? undefined : { ...data, chunks: data.chunks.length };
}

/** Bytes of the file as its chunks count them; undefined while it is not unpacked to its end. */
export function totalBytes({ format }: FoundFile): number | undefined {
  return format.size === 0 ? undefined : format.size;
}

/** The same to be read. */
export function fileFacts({ source, format, plan, chunks }: FoundFile): Fact[] {
  const { dataset, compression, encoding, delimiter, headerLines, ignored } = format;
  return [
    ['File', `s3://${source.bucket}/${source.key}`],
    ...(source.versionId === undefined ? [] : [['Version', source.versionId] as const]),
    ['Bytes', source.size.toLocaleString('en')],
    ['Dataset', dataset],
    ['Packing', compression],
    ['Encoding', encoding],
    ['Delimiter', delimiter === '\t' ? 'tab' : delimiter],
    ['Header lines', String(headerLines)],
    ['Columns', columns(format)],
    ...(ignored.length === 0 ? [] : [['Ignored columns', ignored.join(', ')] as const]),
    [
      'Chunks',
      `${chunks.toLocaleString('en')}, cut by ${plan.mode === 'exact' ? 'reading all of it' : 'probes'}`,
    ],
  ];
}

/** Which column of the file each column of the dataset is. */
function columns({ dataset, columns: positions }: FoundFile['format']): string {
  // An execution on AWS may be of another version of the program.
  const known = datasetNames.find((name) => name === dataset);
  const names = known === undefined ? [] : datasetNamed(known).columns.map(({ name }) => name);
  return positions
    .map((position, index) => {
      const name = names[index] ?? `column ${index + 1}`;
      return position === -1 ? `${name}: not there` : `${name}: ${position + 1}`;
    })
    .join(', ');
}
