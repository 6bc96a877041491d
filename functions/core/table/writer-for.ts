/** Chooses how the items of a dataset get into its table. */

import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Load } from '../dataset/load.ts';
import type { Addition } from '../dataset/shape/item-shape.ts';
import type { Path } from '../dataset/shape/paths.ts';
import type { TableKey } from '../dataset/shape/table-key.ts';
import type { Format, Source } from '../messages.ts';
import { BatchWriter, putOrDelete } from './batch-write.ts';
import { ConditionalWriter, inserted, notNewer } from './conditional-write.ts';
import type { ItemWriter } from './item-writer.ts';
import { MergeWriter } from './merge-write.ts';

/** The parts of a dataset that decide it. */
interface WrittenDataset {
  readonly key: TableKey;
  readonly load: Load;
  readonly columns: readonly { readonly name: string; readonly path: Path }[];
  readonly additions: readonly Pick<Addition, 'attributes' | 'columns'>[];
}

/** What of an upload decides it. */
interface WrittenUpload {
  readonly source: Source;
  readonly format: Pick<Format, 'columns'>;
}

/** The writer for the rows of an upload. */
export function writerFor(
  client: DynamoDBDocumentClient,
  table: string,
  { key, load: { mode, newest, operation }, columns, additions }: WrittenDataset,
  { source, format }: WrittenUpload,
): ItemWriter {
  const condition = newest === undefined ? undefined : notNewer(source, newest);
  switch (mode) {
    case 'insert':
      return new ConditionalWriter(client, table, inserted(source, key));
    case 'merge': {
      const ofFile = columns.filter((_, index) => format.columns[index] !== -1);
      const added = additions
        .filter((each) => each.columns.every((name) => ofFile.some((column) => column.name === name)))
        .flatMap(({ attributes }) => attributes);
      return new MergeWriter(
        client,
        table,
        key,
        [...ofFile.map(({ path: [attribute] }) => attribute), ...added],
        { condition, operation },
      );
    }
    case 'upsert':
    case 'replace':
      return condition === undefined
        ? new BatchWriter(client, table, key, operation && putOrDelete(key, operation))
        : new ConditionalWriter(client, table, condition);
  }
}
