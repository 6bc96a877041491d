/** What the pipeline counts for CloudWatch: a log line in the embedded metric format, from which AWS makes metrics. */

import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** In CloudWatch, beside the service, which is a dimension of its own. */
const metrics = new Metrics({ namespace: 'csv-pipeline', serviceName: 'csv-pipeline' });

export type RowMetric = 'RowsLoaded' | 'RowsRejected' | 'RowsDuplicate';

/**
 * Counts rows of a dataset. Each combination of dimensions is a metric that is paid for, so there are none but the
 * environment and the dataset: no file's name, and no execution's. A function that is retried after it counted, counts
 * again.
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
