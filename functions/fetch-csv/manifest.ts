import * as z from 'zod/mini';
import type { Manifest } from '../core/runtime/manifest.ts';
import { byDataset, count, name } from '../core/runtime/settings.ts';

export const manifest = {
  settings: { reportsBucket: name, prefixes: byDataset, tables: byDataset, maxChunks: count },
  environment: {
    /** Maximum size of a decompressed file, in gigabytes (10^9 bytes): limits what a gzip bomb can cost. */
    maxDecompressedGigabytes: z._default(z.int().check(z.minimum(1), z.maximum(5_000)), 100),
  },
  capabilities: ['readSource', 'uploadWork', 'claimUpload', 'identifyTables'],
  throws: ['SourceNotFoundError', 'SourceChangedError', 'NotCsvError', 'HeaderError', 'DecompressionError'],
} as const satisfies Manifest;
