import type { ReportEvent } from '../core/messages.ts';
import { countRows } from '../core/runtime/metrics.ts';
import { MAX_FILE_ROWS, reportRejects } from '../core/steps/report-rejects.ts';
import { s3Client } from '../core/storage/aws.ts';
import { task } from '../core/task.ts';
import { manifest } from './manifest.ts';

const s3 = s3Client();

/** Lists the rejected rows; throws when there are more than the dataset tolerates. */
export const handler = task(manifest, (event: ReportEvent, { dataset, settings, hasTime }) =>
  reportRejects(s3, event, dataset, {
    ...settings,
    maxFileRows: MAX_FILE_ROWS,
    hasTime,
    onListed: (rejected) => countRows(settings.environment, dataset.name, { RowsRejected: rejected }),
  }),
);
