import * as z from 'zod/mini';
import type { Manifest } from '../core/runtime/manifest.ts';
import { byDataset, count, name } from '../core/runtime/settings.ts';

export const manifest = {
  settings: { reportsBucket: name, prefixes: byDataset, maxChunks: count },
  environment: {
    /** Gigabytes (10^9 bytes) that a compressed file may have when it is decompressed: a bound on what a gzip bomb costs. */
    maxDecompressedGigabytes: z._default(z.int().check(z.minimum(1), z.maximum(5_000)), 100),
  },
  capabilities: ['readSource', 'uploadWork', 'claimUpload'],
  throws: ['SourceNotFoundError', 'SourceChangedError', 'NotCsvError', 'HeaderError', 'DecompressionError'],
} as const satisfies Manifest;
