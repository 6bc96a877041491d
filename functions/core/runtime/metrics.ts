/** Counts rows for CloudWatch: writes log lines in the embedded metric format, from which AWS extracts metrics. */

import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

const metrics = new Metrics({ namespace: 'csv-pipeline', serviceName: 'csv-pipeline' });

export type RowMetric = 'RowsLoaded' | 'RowsRejected' | 'RowsDuplicate';

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
