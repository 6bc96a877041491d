import type { Manifest } from '../core/runtime/manifest.ts';

export const manifest = {
  settings: {},
  capabilities: ['claimUpload'],
  throws: ['IndexMissingError', 'IncompleteLoadError', 'RemovalGuardError'],
} as const satisfies Manifest;
