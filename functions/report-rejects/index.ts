import type { ChangesEvent, ChangesProgress, ReportEvent, ReportProgress } from '../core/messages.ts';
import type { LambdaContext } from '../core/runtime/log.ts';
import { countRows } from '../core/runtime/metrics.ts';
import { reportChanges } from '../core/steps/report-changes.ts';
import { MAX_FILE_ROWS, reportRejects } from '../core/steps/report-rejects.ts';
import { s3Client } from '../core/storage/aws.ts';
import { task } from '../core/task.ts';
import { manifest } from './manifest.ts';

const s3 = s3Client();

const rejects = task(manifest, (event: ReportEvent, { dataset, settings, hasTime }) =>
  reportRejects(s3, event, dataset, {
    ...settings,
    maxFileRows: MAX_FILE_ROWS,
    hasTime,
    onListed: (rejected) => countRows(settings.environment, dataset.name, { RowsRejected: rejected }),
  }),
);

const changes = task(
  manifest,
  (event: ChangesEvent, { dataset, settings, hasTime }) =>
    reportChanges(s3, event, dataset, { ...settings, maxFileRows: MAX_FILE_ROWS, hasTime }),
  'LOADING',
);

/** Lists the rejected rows, and throws when there are more than the dataset tolerates; of a load, lists what it changed. */
export function handler(event: ReportEvent, context: LambdaContext): Promise<ReportProgress>;
export function handler(event: ChangesEvent, context: LambdaContext): Promise<ChangesProgress>;
export function handler(
  event: ReportEvent | ChangesEvent,
  context: LambdaContext,
): Promise<ReportProgress | ChangesProgress> {
  return 'changes' in event ? changes(event, context) : rejects(event, context);
}
