import type { Manifest } from '../core/runtime/manifest.ts';
import { byDataset, name } from '../core/runtime/settings.ts';

export const manifest = {
  settings: { reportsBucket: name, tables: byDataset },
  capabilities: ['readSource', 'readWork', 'listWork', 'writeTables', 'claimUpload'],
  throws: ['SourceNotFoundError', 'SourceChangedError', 'NotCsvError', 'LoadTimeoutError'],
} as const satisfies Manifest;
