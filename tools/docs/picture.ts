/** `npm run docs:picture`: takes the README's screenshot of a run's page. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { z } from 'zod';
import { chromiumPath } from './chromium.ts';

const root = join(import.meta.dirname, '../..');

/** A file with rejected rows, so that every section has content. */
const ARGS = [join(root, 'samples/orders-rejected.csv'), '--dataset', 'orders', '--json'];

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'picture-'));
  const browser = await chromium.launch({ executablePath: chromiumPath() });
  try {
    const { stdout } = spawnSync(process.execPath, [join(root, 'cli/index.ts'), 'run', ...ARGS], {
      cwd: folder,
      encoding: 'utf8',
    });
    const { page: file } = z.object({ page: z.string() }).parse(JSON.parse(stdout));
    const page = await browser.newPage({ colorScheme: 'light', viewport: { width: 1_020, height: 720 } });
    await page.goto(pathToFileURL(join(folder, file)).href);
    await page.waitForSelector('#payloads');
    await page.screenshot({ path: join(root, 'docs/report.png') });
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) void run();
