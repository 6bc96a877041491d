/** Corrected rows are put back into files without a header, with lines above it, and with rows of another length. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { datasetNamed, datasetNames } from '../../../datasets/index.ts';
import { integer, text } from '../../../functions/core/dataset/columns.ts';
import { type Dataset, dataset } from '../../../functions/core/dataset/dataset.ts';
import { mergeReports } from '../../../tools/merge/merge.ts';
import { reportOn } from '../../support/local-report.ts';

// No listed dataset has such files.
jest.mock('../../../datasets/index.ts', () => ({ datasetNames: [], datasetNamed: jest.fn() }));

const columns = { id: text(), amount: integer() };
const key = 'ROW#{id}';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'merge-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each<[string, Dataset, readonly string[], readonly string[]]>([
  [
    'without a header',
    dataset({ name: 'plain', columns, key, header: false }),
    ['1,5', '2,x', '3,7'],
    ['1,5', '2,6', '3,7'],
  ],
  [
    'with lines above its header',
    dataset({ name: 'titled', columns, key, header: { skip: 2 } }),
    ['Report of "May"', '', 'id,amount', '1,5', '2,x', '3,7'],
    ['Report of "May"', '', 'id,amount', '1,5', '2,6', '3,7'],
  ],
  [
    'whose header is found',
    dataset({ name: 'found', columns, key, header: { find: true } }),
    ['Report', 'made by hand,', 'id,amount', '1,5', '2,x', '3,7'],
    ['Report', 'made by hand,', 'id,amount', '1,5', '2,6', '3,7'],
  ],
  [
    'whose rows end with a delimiter',
    dataset({ name: 'padded', columns, key }),
    ['id,amount', '1,5,', '2,x,', '3,7,'],
    ['id,amount', '1,5,', '2,6,', '3,7,'],
  ],
])('a file %s', async (_, of, lines, fixed) => {
  jest.mocked(datasetNamed).mockReturnValue(of);
  datasetNames.push(of.name);
  const content = `${lines.join('\n')}\n`;
  const { header, rows } = await reportOn(Buffer.from(content), of);
  const [file, report, out] = ['file.csv', 'rejected.csv', 'fixed.csv'].map((name) => join(folder, name));
  writeFileSync(file ?? '', content);
  writeFileSync(report ?? '', [header, ...rows].join('\n').replace('2,x', '2,6'));
  expect(await mergeReports(file ?? '', [report ?? ''], out ?? '')).toMatchObject({
    replaced: 1,
    unchanged: 0,
  });
  expect(readFileSync(out ?? '', 'utf8')).toBe(`${fixed.join('\n')}\n`);
});
