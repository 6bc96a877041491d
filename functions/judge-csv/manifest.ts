import * as z from 'zod/mini';
import type { Manifest } from '../core/runtime/manifest.ts';
import { count, writeRate } from '../core/runtime/settings.ts';

export const manifest = {
  settings: { loadConcurrency: count },
  environment: {
    /** Maximum writes per second of an execution; without it, as many as the table accepts. */
    maxWritesPerSecond: writeRate,
    /** Maximum number of rows of a file: limits what an upload can cost. */
    maxRows: z._default(z.int().check(z.minimum(1)), 1_000_000_000),
  },
  capabilities: ['readSource', 'renewLease'],
  throws: [
    'SourceNotFoundError',
    'SourceChangedError',
    'NotCsvError',
    'HeaderError',
    'PlanError',
    'RowCountError',
  ],
} as const satisfies Manifest;
