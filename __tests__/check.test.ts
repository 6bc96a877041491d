/**
 * `npm run check`: the linter, the compiler and the check of the workflows. As one of the tests, it runs beside the others.
 */

import { spawnSync } from 'node:child_process';
import { root } from '../bench/measure/changed-program.ts';

test('the linter, the compiler and the check of the workflows find nothing', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--run', 'check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect({ status, found: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, found: '' });
});
