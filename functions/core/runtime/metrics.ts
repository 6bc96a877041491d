/** Counts rows for CloudWatch: writes log lines in the embedded metric format, from which AWS extracts metrics. */

import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { KeyOutcome, WriteOutcome } from '../dataset/load.ts';

const metrics = new Metrics({ namespace: 'csv-pipeline', serviceName: 'csv-pipeline' });

/** What may become of a row, or of a key. */
type Outcome = WriteOutcome | KeyOutcome;

/** The metric that counts the rows, or keys, of an outcome of their load. */
export function metricOf<Each extends Outcome>(outcome: Each): `Rows${Capitalize<Each>}` {
  // The compiler does not know what the first letter is.
  return `Rows${outcome.charAt(0).toUpperCase()}${outcome.slice(1)}` as `Rows${Capitalize<Each>}`;
}

export type RowMetric = ReturnType<typeof metricOf<Outcome>> | 'RowsRejected' | 'RowsDuplicate';

/**
 * Counts rows of a dataset. AWS charges for each combination of dimensions, so the only ones are the service, the
 * environment and the dataset, and not the file or the execution. A function that is retried counts its rows again.
 */
export function countRows(
  environment: string,
  dataset: string,
  rows: Readonly<Partial<Record<RowMetric, number>>>,
): void {
  metrics.addDimensions({ environment, dataset });
  for (const [name, count] of Object.entries(rows)) metrics.addMetric(name, MetricUnit.Count, count);
  metrics.publishStoredMetrics();
}
