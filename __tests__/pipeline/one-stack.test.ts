/**
 * What the pipeline does, in parts that share a stack: each would need some seconds of the processor to start its own.
 * `npx jest one-stack -t injection` runs one part.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { closeSharedPipeline } from '../support/pipeline.ts';

jest.setTimeout(180_000);

const folder = join(__dirname, 'one-stack');

describe.each(readdirSync(folder))('%s', (part) => {
  require(join(folder, part));
});

afterAll(closeSharedPipeline);
