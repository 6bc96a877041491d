import { lambdaHandler } from '../core/log.ts';
import type { PipelineResult, ReconcileEvent } from '../core/messages.ts';
import { reconcile } from '../core/reconcile.ts';

/** Fails unless every row that was read is loaded, rejected or a duplicate. */
export const handler = lambdaHandler<ReconcileEvent, PipelineResult>(async (event) => reconcile(event));
