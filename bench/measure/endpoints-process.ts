/**
 * Runs the {@link CountingEndpoints} in their own process, and sends the parent their port. The arguments are the URL
 * of the DynamoDB endpoint for the ledger, and the milliseconds until a write is answered.
 */

import { CountingEndpoints } from './counting-endpoints.ts';

if (import.meta.main) {
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches every process of the terminal, but the parent decides when this one ends.
  process.on('SIGINT', () => undefined);
  process.send?.(await new CountingEndpoints(process.argv[2] ?? '', Number(process.argv[3] ?? 0)).listen());
}
