/**
 * Hosts the {@link CountingEndpoints} in a process of their own, and sends the port that they listen on. Its argument is
 * the URL of the ledger's DynamoDB.
 */

import { CountingEndpoints } from './counting-endpoints.ts';

if (import.meta.main) {
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches every process of the terminal; the one that started this one decides when it ends.
  process.on('SIGINT', () => undefined);
  process.send?.(await new CountingEndpoints(process.argv[2] ?? '').listen());
}
