import type { Manifest } from '../core/runtime/manifest.ts';
import { name } from '../core/runtime/settings.ts';

export const manifest = {
  settings: { reportsBucket: name },
  capabilities: ['readSource', 'readWork', 'writeWork', 'renewLease'],
  throws: ['SourceNotFoundError', 'SourceChangedError', 'NotCsvError'],
} as const satisfies Manifest;
