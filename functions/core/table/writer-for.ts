/** Chooses how the items of a dataset get into its table. */

import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Load } from '../dataset/load.ts';
import type { Source } from '../messages.ts';
import { BatchWriter } from './batch-write.ts';
import { ConditionalWriter, inserted, notNewer } from './conditional-write.ts';
import type { ItemWriter } from './item-writer.ts';

/** The writer for a load of an upload. */
export function writerFor(
  client: DynamoDBDocumentClient,
  table: string,
  { mode, newest }: Load,
  source: Source,
): ItemWriter {
  if (mode === 'insert') return new ConditionalWriter(client, table, inserted(source));
  if (newest !== undefined) return new ConditionalWriter(client, table, notNewer(source, newest));
  return new BatchWriter(client, table);
}
