import type { Manifest } from '../core/runtime/manifest.ts';

export const manifest = {
  settings: {},
  capabilities: ['claimUpload'],
  throws: ['IndexMissingError', 'RemovalGuardError'],
} as const satisfies Manifest;
