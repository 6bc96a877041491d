import type { Manifest } from '../core/runtime/manifest.ts';
import { byDataset, name, writeRate } from '../core/runtime/settings.ts';

export const manifest = {
  settings: { reportsBucket: name, tables: byDataset },
  environment: {
    /** As JudgeCsv has it; this function is the only one that writes. */
    maxWritesPerSecond: writeRate,
  },
  capabilities: ['readWork', 'listWork', 'removeItems', 'claimUpload'],
  throws: ['LoadTimeoutError'],
} as const satisfies Manifest;
