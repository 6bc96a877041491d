/**
 * What the pipeline does, in parts that share a stack: each would need some seconds of the processor to start its own.
 * `npx jest one-stack -t injection` runs one part. `npm run test:full` also runs the parts in the folder `long`.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inFull } from '../support/full-run.ts';
import { closeSharedPipeline } from '../support/pipeline.ts';

const folder = join(__dirname, 'one-stack');
const isLong = (name: string) => name.startsWith('long');
const parts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
);
// The long parts leave more behind.
const long = inFull(parts.filter(isLong), []);

describe.each([...parts.filter((name) => !isLong(name)), ...long])('%s', (part) => {
  require(join(folder, part));
});

afterAll(closeSharedPipeline);
