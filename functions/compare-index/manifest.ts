import type { Manifest } from '../core/runtime/manifest.ts';
import { name } from '../core/runtime/settings.ts';

export const manifest = {
  settings: { reportsBucket: name },
  capabilities: ['readWork', 'listWork', 'writeWork', 'readIndexes', 'writeIndexes', 'renewLease'],
  throws: [],
} as const satisfies Manifest;
