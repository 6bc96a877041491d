/**
 * What the pipeline does, in parts that share a stack: each would need some seconds of the processor to start its own.
 * `npx jest one-stack -t injection` runs one part. `npm run test:full` also runs the parts in the folder `long`.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inFull } from '../support/full-run.ts';
import { closeSharedPipeline } from '../support/pipeline.ts';

const folder = join(__dirname, 'one-stack');
const isPart = (name: string) => name.endsWith('.ts') && (inFull(true, false) || !name.startsWith('long'));

describe.each(readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isPart))('%s', (part) => {
  require(join(folder, part));
});

afterAll(closeSharedPipeline);
