/** Finds the buckets and tables whose data a plan destroys, and the keys without which it cannot be read. */

import { z } from 'zod';
import { type Plan, type PlannedChange, plannedChanges } from './drift.ts';
import { DeployError } from './errors.ts';

/** A bucket, a table or a key that a plan destroys or replaces. */
export interface DataLoss {
  /** The resource's address in the stack: `aws_s3_bucket.source_bucket`. */
  readonly address: string;
  /** Its name on AWS; of a key, its id. */
  readonly name: string;
  readonly how: 'destroyed' | 'replaced';
}

/** The name on AWS of each type of resource that holds data. */
const NAMES: Readonly<Record<string, z.ZodType<string>>> = {
  aws_s3_bucket: z.object({ bucket: z.string() }).transform(({ bucket }) => bucket),
  aws_dynamodb_table: z.object({ name: z.string() }).transform(({ name }) => name),
  aws_kms_key: z.object({ key_id: z.string() }).transform(({ key_id }) => key_id),
};

/** The buckets, tables and keys that the plan destroys or replaces. */
export function dataLosses(plan: Plan): readonly DataLoss[] {
  return plannedChanges(plan).flatMap(lossOf);
}

function lossOf({ address, type, change: { actions, before } }: PlannedChange): readonly DataLoss[] {
  const name = NAMES[type];
  if (name === undefined || !actions.includes('delete')) return [];
  return [{ address, name: name.parse(before), how: actions.includes('create') ? 'replaced' : 'destroyed' }];
}

/** The losses as lines. */
export function lossList(losses: readonly DataLoss[]): string {
  return losses.map(({ address, name, how }) => `  ${address} (${name}) is ${how}`).join('\n');
}

/** @throws DeployError that names each bucket, table and key whose data would be lost. */
export function refuseDataLoss(losses: readonly DataLoss[]): void {
  if (losses.length === 0) return;
  throw new DeployError(
    `The plan destroys data:\n${lossList(losses)}\nNothing was changed. If the data may be lost, run the command again with --allow-data-loss.`,
  );
}
