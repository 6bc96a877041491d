/**
 * Runs one embedded service in its own process. The arguments are `s3` or `dynamodb`, and the folder for its data. Sends
 * its parent the port that it listens on, on the loopback interface.
 */

import { once } from 'node:events';
import { flushCompileCache } from 'node:module';
import { DUMMY_ACCOUNT } from '@20minutes/s3rver/lib/models/account.js';
import dynalite from 'dynalite';
import { VersionedS3rver } from './versioned-s3.ts';

const ADDRESS = '127.0.0.1';

async function startS3(directory: string): Promise<number> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = process.env;
  if (id !== undefined && secret !== undefined) DUMMY_ACCOUNT.createKeyPair(id, secret);
  const server = new VersionedS3rver({
    address: ADDRESS,
    port: 0,
    silent: true,
    directory,
    allowMismatchedSignatures: true,
  });
  return (await server.run()).port;
}

async function startDynamoDB(directory: string): Promise<number> {
  const server = dynalite({ path: directory, createTableMs: 0 });
  server.listen(0, ADDRESS);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('dynalite does not listen on a port.');
  return address.port;
}

if (import.meta.main) {
  const [service = '', directory = ''] = process.argv.slice(2);
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches every process of the terminal, but the parent decides when this one ends.
  process.on('SIGINT', () => undefined);
  process.send?.(service === 's3' ? await startS3(directory) : await startDynamoDB(directory));
  // It is killed in the end, and Node.js would write the compiled code only when it exits.
  flushCompileCache();
}
