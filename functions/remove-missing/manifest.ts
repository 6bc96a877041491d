import type { Manifest } from '../core/runtime/manifest.ts';
import { byDataset, name } from '../core/runtime/settings.ts';

export const manifest = {
  settings: { reportsBucket: name, tables: byDataset },
  capabilities: ['readWork', 'listWork', 'removeItems', 'claimUpload'],
  throws: ['LoadTimeoutError'],
} as const satisfies Manifest;
