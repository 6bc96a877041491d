/** The page of a run in a real browser, opened from disk. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { writePage } from '../../report/page.ts';
import type { RunRecord } from '../../report/record/run-record.ts';
import { chromiumPath } from '../../tools/docs/chromium.ts';
import { exampleRun, HOSTILE, reject } from './example-run.ts';

let browser: Browser;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'page-'));
  browser = await chromium.launch({ executablePath: chromiumPath() });
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** What a page must not do. */
interface Violations {
  readonly errors: string[];
  readonly requests: string[];
}

let opened: { page: Page; violations: Violations } | undefined;

/** Opens the page of a run in a new browser context. */
async function open(run: RunRecord, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const file = join(folder, 'report.html');
  await writePage(run, file);
  const url = pathToFileURL(file).href;
  const context = await browser.newContext({ colorScheme, viewport: { width: 1_400, height: 900 } });
  const page = await context.newPage();
  const violations: Violations = { errors: [], requests: [] };
  page.on('console', (message) => violations.errors.push(message.text()));
  page.on('pageerror', (error) => violations.errors.push(String(error)));
  page.on('request', (request) => {
    if (request.url() !== url) violations.requests.push(request.url());
  });
  opened = { page, violations };
  await page.goto(url);
  await page.waitForSelector('#payloads');
  return page;
}

afterEach(async () => {
  if (opened === undefined) return;
  const { page, violations } = opened;
  opened = undefined;
  // In every test, the page logs nothing, requests nothing, and runs no script but its own.
  expect(violations).toEqual({ errors: [], requests: [] });
  expect(await page.evaluate(() => document.documentElement.dataset.owned)).toBeUndefined();
  await page.context().close();
});

const rejects = (rows: number) => Array.from({ length: rows }, (_, row) => reject(row, `cell ${row}`));

const heading = (page: Page) => page.textContent('#details h2');

test('shows the outcome of every state, also in words', async () => {
  const page = await open(exampleRun({ chunks: 3, rejects: rejects(6), fails: true }));
  expect(await page.title()).toBe('example-1: FAILED');
  expect(await page.textContent('h1')).toContain('✗ FAILED');
  const labels = await page.locator('.drawing [role="button"]').evaluateAll((groups) =>
    Object.fromEntries(
      groups.map((group) => {
        const label = group.getAttribute('aria-label') ?? '';
        return [label.split(/[,:]/)[0], { label, classes: group.getAttribute('class') }];
      }),
    ),
  );
  expect(labels.FetchCsv).toMatchObject({
    label: 'FetchCsv, Task: succeeded, 700 ms',
    classes: expect.stringContaining('succeeded'),
  });
  expect(labels.LoadToDynamoDB?.label).toMatch(/^LoadToDynamoDB, Map: failed, caught/);
  expect(labels.LoadChunk?.label).toMatch(/^LoadChunk, Task: failed, .*entered 3 times, 1 retry$/);
  expect(labels.ScanCsv).toMatchObject({
    label: 'ScanCsv: not entered',
    classes: expect.stringContaining('idle'),
  });
  // The outcome does not rely on colour.
  expect(await page.textContent('.drawing #state0 text')).toBe('✓ FetchCsv');
  // The first failed state is selected.
  expect(await heading(page)).toBe('LoadToDynamoDB');
  await page.locator('[aria-label^="LoadChunk,"]').click();
  expect(await page.textContent('#details .error')).toContain('ServiceUnavailableError');
  expect(await page.textContent('#details .error pre')).toContain('at write (table-writer.ts:1:2)');
});

test('a state can be selected by mouse, by keyboard and in the timeline', async () => {
  const page = await open(exampleRun({ chunks: 3, rejects: [] }));
  await page.locator('[aria-label^="JudgeCsv,"]').click();
  expect(await heading(page)).toBe('JudgeCsv');
  expect(await page.getAttribute('[aria-label^="JudgeCsv,"]', 'aria-pressed')).toBe('true');
  // A state in a Map, and then the Map itself.
  await page.locator('[aria-label^="LoadChunk,"]').click();
  expect(await heading(page)).toBe('LoadChunk');
  await page.locator('#details select').selectOption({ index: 2 });
  expect(await page.textContent('#details')).toContain('"chunk": 2');
  await page.locator('[aria-label^="LoadToDynamoDB,"]').focus();
  await page.keyboard.press('Enter');
  expect(await heading(page)).toBe('LoadToDynamoDB');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('LoadToDynamoDB');
  expect(await page.locator('#details table').first().locator('tbody tr').count()).toBe(3);
  await page.keyboard.press('Escape');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toMatch(
    /^LoadToDynamoDB/,
  );
  await page.locator('#timeline button', { hasText: 'ReconcileLoad' }).press('Space');
  expect(await heading(page)).toBe('ReconcileLoad');
  expect(await page.textContent('#details')).toContain('Output (the first 8,192 of 20,010 bytes)');
});

test('the Tab key reaches every section', async () => {
  const page = await open(exampleRun({ chunks: 2, rejects: rejects(3) }));
  const seen = new Set<string>();
  for (let step = 0; step < 120; step += 1) {
    await page.keyboard.press('Tab');
    const where = await page.evaluate(() => document.activeElement?.closest('section')?.id ?? '');
    if (where !== '') seen.add(where);
  }
  expect([...seen].sort()).toEqual([
    'costs',
    'details',
    'machine',
    'payloads',
    'rejected',
    'rows',
    'timeline',
  ]);
});

test('10,000 rejected rows and 1,000 iterations are shown a page at a time', async () => {
  const page = await open(exampleRun({ chunks: 1_000, rejects: rejects(10_000) }));
  const rows = page.locator('#rejects tbody tr');
  expect(await rows.count()).toBe(50);
  expect(await page.textContent('#rejects [role="status"]')).toBe('1–50 of 10,000');
  await page.locator('#rejects button', { hasText: 'Next' }).click();
  expect(await page.textContent('#rejects [role="status"]')).toBe('51–100 of 10,000');

  await page.locator('#rejects input').fill('9999,CELL');
  await page.waitForFunction(() => document.querySelectorAll('#rejects tbody tr').length === 1);
  expect(await rows.allTextContents()).toEqual([expect.stringContaining('10001')]);
  await page.locator('#rejects input').fill('no such cell');
  await page.waitForFunction(() => document.querySelectorAll('#rejects tbody tr').length === 0);
  expect(await page.textContent('#rejects [role="status"]')).toBe('None of 10,000');
  await page.locator('#rejects input').fill('not_a_decimal');
  await page.waitForFunction(() =>
    document.querySelector('#rejects [role="status"]')?.textContent?.endsWith('of 3,334 of 10,000'),
  );

  const line = page.locator('#rejects th', { hasText: 'Line' });
  await line.locator('button').click();
  expect(await line.getAttribute('aria-sort')).toBe('ascending');
  expect(await rows.first().locator('td').first().textContent()).toBe('2');
  await line.locator('button').click();
  expect(await line.getAttribute('aria-sort')).toBe('descending');
  expect(await rows.first().locator('td').first().textContent()).toBe('10001');

  // Each iteration of both Maps has a bar, and a row of the table.
  expect(await page.locator('#timeline title', { hasText: 'Iteration' }).count()).toBe(2_000);
  expect(await page.locator('#timeline rect.retry').count()).toBe(40);
  await page.locator('[aria-label^="ValidateCsv,"]').focus();
  await page.keyboard.press(' ');
  expect(await page.textContent('#details [role="status"]')).toBe('1–50 of 1,000');
  await page.locator('#details th', { hasText: 'Duration' }).locator('button').click();
  expect(await page.locator('#details tbody tr').first().textContent()).toContain('1.00 s');
  expect(await page.locator('#rows table tbody tr').count()).toBeLessThanOrEqual(240);
  expect(await page.getAttribute('#rows svg[role="img"]', 'aria-label')).toContain(
    '1,000,000 validating, 1,000,000 loading',
  );
});

test('text from a file, an error or a header stays text', async () => {
  const hostile = HOSTILE.map((cell, row) => ({ ...reject(row, cell), column: cell, code: cell }));
  const page = await open(exampleRun({ chunks: 2, rejects: hostile, fails: true }));
  for (const cell of HOSTILE) {
    const cells = await page
      .locator('#rejects td')
      .evaluateAll((all) => all.map(({ textContent }) => textContent));
    expect(cells).toContain(cell);
  }
  expect(await page.textContent('#file')).toContain(HOSTILE[0]);
  expect(await page.textContent('header')).toContain(HOSTILE[0]);
  expect(await page.locator('img, script:not(#run):not(:last-of-type)').count()).toBe(0);
  await page.locator('#rejects td').first().hover();
  // A script that is added to the page does not run.
  const messages: string[] = [];
  page.on('console', (message) => messages.push(message.text()));
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'document.documentElement.dataset.owned = "1"';
    document.body.append(script);
  });
  expect(messages.join()).toContain('Content Security Policy');
  opened?.violations.errors.splice(0);
});

test.each([
  ['light', 'rgb(255, 255, 255)'],
  ['dark', 'rgb(13, 17, 23)'],
] as const)('follows the %s colour scheme, with enough contrast', async (scheme, background) => {
  const page = await open(exampleRun({ chunks: 3, rejects: rejects(3), fails: true }), scheme);
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(background);
  // WCAG 2.2, 1.4.3: a contrast ratio of at least 4.5.
  const contrasts = await page.evaluate(() => {
    const luminance = (color: string) => {
      const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => {
        const value = Number(part) / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const backgroundOf = (element: Element): string => {
      const color = getComputedStyle(element).backgroundColor;
      return color === 'rgba(0, 0, 0, 0)' && element.parentElement
        ? backgroundOf(element.parentElement)
        : color;
    };
    return [
      ...document.querySelectorAll('h1, .status, .legend li, .error, dt, dd, td, th, caption, .note, .link'),
    ].map((element) => {
      const pair = [luminance(getComputedStyle(element).color), luminance(backgroundOf(element))];
      return { text: element.textContent, contrast: (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05) };
    });
  });
  expect(contrasts.length).toBeGreaterThan(50);
  expect(contrasts.filter(({ contrast }) => contrast < 4.5)).toEqual([]);
});

test('every table, drawing, field and button has a name', async () => {
  const page = await open(exampleRun({ chunks: 3, rejects: rejects(3), fails: true }));
  const nameless = await page.evaluate(() =>
    [
      ...[...document.querySelectorAll('table')].filter((each) => each.caption?.textContent === ''),
      ...[...document.querySelectorAll('[role="img"], [role="group"], [role="region"]')].filter(
        (each) => !each.getAttribute('aria-label'),
      ),
      ...[...document.querySelectorAll('input, select')].filter(
        (each) => document.querySelector(`label[for="${each.id}"]`) === null,
      ),
      ...[...document.querySelectorAll('button')].filter((each) => each.textContent === ''),
    ].map((each) => each.outerHTML),
  );
  expect(nameless).toEqual([]);
  expect(await page.getAttribute('html', 'lang')).toBe('en');
});

test('shows a run that ended before any state was entered', async () => {
  const page = await open({
    ...exampleRun({ chunks: 1, rejects: [] }),
    states: [],
    maps: [],
    rows: { since: 0, interval: 250, phases: {} },
    file: [],
  });
  expect(await page.textContent('#rows')).toContain('No rows were processed.');
  expect(await page.textContent('#file')).toContain('Nothing was detected about the file.');
  expect(await heading(page)).toBe('FetchCsv');
});
