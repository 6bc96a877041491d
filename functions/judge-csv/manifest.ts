import * as z from 'zod/mini';
import type { Manifest } from '../core/runtime/manifest.ts';
import { count } from '../core/runtime/settings.ts';

export const manifest = {
  settings: { loadConcurrency: count },
  environment: {
    /** Writes per second that an execution makes to the table at most; when left out, as many as the table takes. */
    maxWritesPerSecond: z.optional(z.int().check(z.minimum(1))),
  },
  capabilities: ['readSource', 'renewLease'],
  throws: ['SourceNotFoundError', 'SourceChangedError', 'NotCsvError', 'HeaderError', 'PlanError'],
} as const satisfies Manifest;
