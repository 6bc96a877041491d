import type { Manifest } from '../core/runtime/manifest.ts';
import { name } from '../core/runtime/settings.ts';

export const manifest = {
  settings: { reportsBucket: name, environment: name },
  capabilities: ['readSource', 'readWork', 'listWork', 'writeWork', 'uploadReports', 'renewLease'],
  throws: ['SourceNotFoundError', 'SourceChangedError', 'NotCsvError', 'HeaderError', 'ValidationError'],
} as const satisfies Manifest;
