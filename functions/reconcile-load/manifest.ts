import type { Manifest } from '../core/runtime/manifest.ts';
import { name } from '../core/runtime/settings.ts';

export const manifest = {
  settings: { reportsBucket: name, environment: name },
  capabilities: ['updateReports', 'deleteWork', 'deleteIndexes', 'renewLease'],
  throws: ['IncompleteLoadError'],
} as const satisfies Manifest;
