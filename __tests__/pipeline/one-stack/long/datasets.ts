/** Several datasets in one environment: each file is loaded by its dataset into that dataset's table. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { orders } from '../../../../datasets/orders.ts';
import { type Pipeline, sharedPipeline } from '../../../support/pipeline.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await sharedPipeline();
});

const samples = join(__dirname, '../../../../samples');

test('orders are loaded from windows-1252, with decimal commas, German headers and a sort key', async () => {
  const file = readFileSync(join(samples, 'orders.csv'));
  const { items, ...result } = await pipeline.ingest('orders.csv', file, { dataset: orders.name });
  expect(result).toMatchObject({
    status: 'SUCCEEDED',
    output: {
      source_key: 'orders/orders.csv',
      dataset: 'orders',
      encoding: 'windows-1252',
      delimiter: ';',
      read: 7,
      loaded: 7,
    },
  });
  expect(items[0]).toEqual({
    pk: 'ORDER#000417',
    sk: 'LINE#000001',
    order_id: '000417',
    line: 1,
    customer_id: '00023',
    article: 'Kaffeemühle „Trude“',
    quantity: 1,
    price: 89.9,
    ordered: '2025-01-03',
    shipped: '2025-01-05',
    status: 'versandt',
    gift: true,
  });
  expect(items.map(({ pk, sk }) => `${pk} ${sk}`)).toEqual([
    'ORDER#000417 LINE#000001',
    'ORDER#000417 LINE#000002',
    'ORDER#000418 LINE#000001',
    'ORDER#000419 LINE#000001',
    'ORDER#000419 LINE#000002',
    'ORDER#000420 LINE#000001',
    'ORDER#000421 LINE#000001',
  ]);
  expect(items.at(-1)).toMatchObject({ note: 'Rechnung über 46,80 €' });
});

test('the rejected rows of a windows-1252 file whose other rows are loaded can be corrected and uploaded', async () => {
  const [header = '', ...bad] = readFileSync(join(samples, 'orders-rejected.csv'), 'latin1')
    .trim()
    .split('\n');
  const good = Array.from({ length: 50 }, (_, line) => `000500;${line};1;Tüte;1;1,50;01.02.2025;;offen;;`);
  const file = Buffer.from([header, ...bad, ...good].join('\n'), 'latin1');
  const first = await pipeline.ingest('orders-rejected.csv', file, { dataset: orders.name });
  expect(first).toMatchObject({ status: 'SUCCEEDED', output: { encoding: 'windows-1252', rejected: 5 } });
  const report = readFileSync(first.rejectedReport ?? '', 'utf8');
  expect(report).toMatch(/^\uFEFFBestell-Nr;.*;_source_loaded\n/);
  const corrected = report
    .replace('39.90', '39,90')
    .replace('31.02.2025', '28.02.2025')
    .replace('zwei', '2')
    .replace('000425;1;;', '000425;1;00001;')
    .replace('bezahlt', 'offen')
    .replace('vielleicht', 'ja');
  const second = await pipeline.ingest('corrected.csv', corrected, { dataset: orders.name });
  expect(second).toMatchObject({
    status: 'SUCCEEDED',
    output: { encoding: 'utf-8', read: 5, loaded: 5, ignored_columns: [] },
  });
  expect(second.items.find(({ pk }) => pk === 'ORDER#000426')).toMatchObject({ article: 'Tüte', gift: true });
});

test('rejected rows are tolerated up to the share that the dataset allows', async () => {
  const rows = (bad: number) => [
    'order_id;line;customer_id;article;quantity;price;ordered;shipped;status',
    ...Array.from(
      { length: 20 },
      (_, index) => `t${index};1;c;a;${index < bad ? 'x' : '1'};1,50;01.02.2025;;offen`,
    ),
  ];
  const tolerated = await pipeline.ingest('two.csv', rows(2).join('\n'), { dataset: orders.name });
  expect(tolerated).toMatchObject({
    status: 'SUCCEEDED',
    output: { read: 20, loaded: 18, rejected: 2, first_rejected: [{ line: 2 }, { line: 3 }] },
    rejected: [
      { line: 2, column: 'quantity', code: 'not_an_integer' },
      { line: 3, column: 'quantity', code: 'not_an_integer' },
    ],
  });
  expect(tolerated.items.filter(({ order_id }) => String(order_id).startsWith('t'))).toHaveLength(18);
  expect(JSON.parse(readFileSync(tolerated.report ?? '', 'utf8'))).toMatchObject({
    dataset: 'orders',
    read: 20,
    rejected: 2,
    loaded: 18,
    duplicates: 0,
    accepted: true,
    rejects: [{ code: 'not_an_integer', column: 'quantity', rows: 2 }],
    files: ['rejected.csv'],
    detected: { encoding: 'utf-8', delimiter: ';', columns: { order_id: 1, gift: null } },
  });
  const refused = await pipeline.ingest('three.csv', rows(3).join('\n'), { dataset: orders.name });
  expect(refused).toMatchObject({
    status: 'FAILED',
    cause: expect.stringContaining('3 of 20 rows'),
  });
});
