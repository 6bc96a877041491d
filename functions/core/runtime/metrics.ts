/** Counts rows for CloudWatch: writes log lines in the embedded metric format, from which AWS extracts metrics. */

import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { WriteOutcome } from '../dataset/load.ts';

const metrics = new Metrics({ namespace: 'csv-pipeline', serviceName: 'csv-pipeline' });

/** The metric that counts the rows of an outcome of their load. */
export function metricOf<Outcome extends WriteOutcome>(outcome: Outcome): `Rows${Capitalize<Outcome>}` {
  // The compiler does not know what the first letter is.
  return `Rows${outcome.charAt(0).toUpperCase()}${outcome.slice(1)}` as `Rows${Capitalize<Outcome>}`;
}

export type RowMetric = ReturnType<typeof metricOf<WriteOutcome>> | 'RowsRejected' | 'RowsDuplicate';

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
