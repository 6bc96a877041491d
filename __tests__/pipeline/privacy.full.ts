/** The cells of a file appear only in the table, the lists of rejected rows, and the working area. */

import { gzipSync } from 'node:zlib';
import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { FunctionName } from '../../asl/pipeline.ts';
import type { ExecutionResult } from '../../local/machine/execution.ts';
import { beforeInvocations } from '../support/invocations.ts';
import { Pipeline } from '../support/pipeline.ts';
import { Watch } from '../support/watch.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.start('local', {
    // Adds a dataset that tries to leak its cells in every way it can.
    'datasets/strict.ts': `
      import { z } from 'zod';
      import { custom, text } from '../functions/core/dataset/columns.ts';
      import { dataset } from '../functions/core/dataset/dataset.ts';

      const schema = z.string().transform((cell, context) => {
        console.assert(cell !== '');
        if (cell.includes('throw')) throw Object.assign(new Error(cell, { cause: cell }), { cell });
        if (cell.includes('wrong')) context.addIssue({ code: 'custom', message: cell, params: { cell } });
        return { [cell]: [cell] };
      });

      export const strict = dataset({
        name: 'strict',
        columns: { id: text(), cell: custom(schema) },
        key: 'STRICT#{id}',
        duplicates: 'reject',
        check: ({ id, cell }) => {
          if (id.includes('fail')) throw new Error(Object.keys(cell)[0], { cause: id });
          return id.includes('refuse') ? id + Object.keys(cell) : undefined;
        },
        tolerance: { rows: 3 },
      });

      export const replaced = dataset({
        name: 'replaced',
        columns: { id: text(), cell: text() },
        key: 'KEY#{id}',
        tolerance: { rows: 3 },
        load: { mode: 'replace', feed: 'object', listChanges: true },
      });`,
    'datasets/index.ts': {
      'import { orders }': "import { replaced, strict } from './strict.ts';\nimport { orders }",
      'airports, articles]': 'airports, articles, strict, replaced]',
    },
    'environments/local.ts': {
      "orders: 'orders/',": "orders: 'orders/', strict: 'strict/', replaced: 'replaced/',",
    },
    'functions/core/csv/plan.ts': {
      'MIN_CHUNK_BYTES = 8 * MEBIBYTE;': 'MIN_CHUNK_BYTES = 16_384;',
      'MIN_WINDOW_BYTES = 64 * KIBIBYTE;': 'MIN_WINDOW_BYTES = KIBIBYTE;',
      'MAX_WINDOW_BYTES = MEBIBYTE;': 'MAX_WINDOW_BYTES = KIBIBYTE;',
    },
  });
});
afterAll(() => pipeline.close());

/** A word, the digits of numbers, and a day. Every cell contains one of them. */
const [WORD, DIGITS, DAY] = ['Q7MARKZ', '739173', '7391-07-03'];

/** The characters of the word's base64 that do not depend on what precedes or follows it. */
const ENCODED = [0, 1, 2].map((before) =>
  Buffer.from('.'.repeat(before) + WORD)
    .toString('base64')
    .slice(Math.ceil((before * 4) / 3), Math.floor(((before + WORD.length) * 8) / 6)),
);
const TRACES = new RegExp([WORD, DIGITS, DAY, '03\\.07\\.7391', ...ENCODED].join('|'), 'i');

/** Counts words and numbers, so that each one is different. */
let marks = 0;
function word(): string {
  marks += 1;
  return `${WORD}-${marks}`;
}
function number(): string {
  marks += 1;
  return `${DIGITS}${marks}`;
}

interface Marked {
  readonly dataset: string;
  readonly header: string;
  readonly delimiter: string;
  /** A valid row with this ID in its key. */
  readonly row: (id?: string) => string;
  /** Invalid rows whose number of fields and quotes are correct. */
  readonly wrong: readonly (() => string)[];
  /** Number of rejected rows in twenty that are tolerated. */
  readonly tolerated: number;
}

const datasets: readonly Marked[] = [
  {
    dataset: 'results',
    header: 'id,name,amount,date',
    delimiter: ',',
    row: (id = word()) => `${id},${word()},${number()},${DAY}`,
    wrong: [
      () => `${word()},${word()},${word()},${DAY}`,
      () => `${word()},${word()},${number()},${word()}`,
      () => `${word()},,${number()},${DAY}`,
      () => `${word()},${word().repeat(60_000)},${number()},${DAY}`,
      () => `${word().repeat(400)},${word()},${number()},${DAY}`,
      () => `${word()},${word()},${number()}e${number()},${DAY}`,
    ],
    tolerated: 0,
  },
  {
    dataset: 'orders',
    header: 'order_id;line;customer_id;article;quantity;price;ordered;shipped;status;gift;note',
    delimiter: ';',
    row: (id = word()) =>
      `${id};${DIGITS};${word()};${word()};${number()};${number()},5;03.07.7391;;offen;ja;${word()}`,
    wrong: [
      () => `${word()};1;${word()};${word()};${number()};1;03.07.7391;;${word()};ja;${word()}`,
      () => `${word()};1;${word()};${word()};${number()};1;03.07.7391;;offen;${word()};${word()}`,
      () => `${word()};${word()};${word()};${word()};${number()};1;03.07.7391;;offen;ja;${word()}`,
      () => `${word()};1;${word()};${word()};${number()}.00;1;03.07.7391;;offen;ja;${word()}`,
    ],
    tolerated: 2,
  },
  {
    dataset: 'airports',
    header: 'iata,name,city,state,country,latitude,longitude',
    delimiter: ',',
    row: (id = word()) => `${id},${word()},${word()},${word()},${word()},${number()},-${number()}`,
    wrong: [() => `${word()},${word()},${word()},${word()},${word()},${word()},${number()}`],
    tolerated: 0,
  },
  {
    dataset: 'strict',
    header: 'id,cell',
    delimiter: ',',
    row: (id = word()) => `${id},${word()}`,
    wrong: [
      () => `${word()},throw ${word()}`,
      () => `${word()},wrong ${word()}`,
      () => `fail ${word()},${word()}`,
      () => `refuse ${word()},${word()}`,
    ],
    tolerated: 3,
  },
];

/** Rows that every dataset rejects: with too few or too many fields, broken quotes, or a NUL. */
function broken({ delimiter, row }: Marked): string[] {
  return [
    word(),
    `${row()}${delimiter}${word()}${delimiter}${word()}`,
    `"${word()}"${word()}${delimiter}${word()}`,
    `${word()}\0${word()}`,
    `"${row()}`,
  ];
}

function file(header: string, rows: readonly string[]): string {
  return [header, ...rows, ''].join('\n');
}

let uploads = 0;
/** Uploads a file and runs the pipeline for it. */
async function run(dataset: string, content: string | Uint8Array): Promise<ExecutionResult> {
  uploads += 1;
  const { prefix } = pipeline.stack.dataset(dataset);
  return pipeline.stack.execute(await pipeline.upload(`${prefix}file-${uploads}.csv`, content));
}

/** Watches the executions, and searches everything that they leave behind. */
async function expectNoTrace(executions: () => Promise<void>): Promise<void> {
  const before = marks;
  const watch = new Watch(pipeline);
  try {
    await executions();
  } finally {
    watch.stop();
  }
  const { history, payloads, logLines } = watch;
  const stored = await watch.stored();
  // Makes sure that the search can find something.
  expect(marks).toBeGreaterThan(before);
  for (const pieces of [history, payloads, logLines, stored]) expect(pieces.length).toBeGreaterThan(3);
  const found = [...history, ...payloads, ...logLines, ...stored].flatMap((piece) => {
    const at = piece.search(TRACES);
    return at === -1 ? [] : [piece.slice(Math.max(0, at - 300), at + 100)];
  });
  expect(found).toEqual([]);
}

test('a trace is found in every encoding', () => {
  for (const before of ['', '.', '..', '...']) {
    expect(Buffer.from(`${before}${WORD}`).toString('base64')).toMatch(TRACES);
    expect(Buffer.from(`${before}${WORD}-17,x`).toString('base64')).toMatch(TRACES);
  }
  for (const { row, wrong } of datasets) {
    for (const each of [row, ...wrong]) {
      for (const cell of each().split(/[,;]/)) expect(cell).toMatch(/^$|^1$|^5$|^ja$|^offen$|Q7MARKZ|7391/);
    }
  }
  expect('20251231T235959-a1b2c3d4').not.toMatch(TRACES);
});

describe.each(datasets)('of a file of $dataset', (marked) => {
  const { dataset, header, row, wrong, tolerated } = marked;
  const rows = (count: number) => Array.from({ length: count }, () => row());

  test('that is loaded', () =>
    expectNoTrace(async () => {
      const content = file(header, rows(20));
      const utf16 = Buffer.from(`\uFEFF${file(header, rows(3))}`, 'utf16le');
      for (const each of [content, gzipSync(content), utf16])
        expect(await run(dataset, each)).toMatchObject({ status: 'SUCCEEDED' });
      const { delimiter } = marked;
      const more = file(`${header}${delimiter}more`, [`${row()}${delimiter}${word()}`]);
      expect(await run(dataset, more)).toMatchObject({ output: { loaded: 1, ignored_columns: ['more'] } });
    }));

  test('whose rows are rejected', () =>
    expectNoTrace(async () => {
      for (const bad of [...wrong, ...broken(marked).map((each) => () => each)]) {
        const many = Array.from({ length: tolerated + 1 }, bad);
        expect(await run(dataset, file(header, [...many, row()]))).toMatchObject({
          status: 'FAILED',
          error: 'ValidationError',
        });
      }
      const all = file(header, [...wrong.map((bad) => bad()), ...broken(marked), row(), row()]);
      for (const each of [all, gzipSync(all)])
        expect(await run(dataset, each)).toMatchObject({ status: 'FAILED' });
    }));

  test('whose rejected rows are tolerated', () =>
    expectNoTrace(async () => {
      const bad = Array.from({ length: tolerated }, (_, index) => wrong[index % wrong.length]?.() ?? '');
      const result = await run(dataset, file(header, [...bad, ...rows(20 - tolerated)]));
      expect(result).toMatchObject({ status: 'SUCCEEDED', output: { read: 20, rejected: tolerated } });
    }));

  test('with duplicates, in one chunk and in several', () =>
    expectNoTrace(async () => {
      for (const filler of [1, 1_500]) {
        const [first, second] = [word(), word()];
        const twice = [row(first), row(second), ...rows(filler), row(second), row(first)];
        const isReject = dataset === 'strict';
        const result = await run(dataset, file(header, twice));
        expect(result).toMatchObject({
          status: 'SUCCEEDED',
          output: { loaded: filler + 2, rejected: isReject ? 2 : 0, duplicates: isReject ? 0 : 2 },
        });
        expect(result.states.some(({ name }) => name === 'FindDuplicates')).toBe(filler > 1);
      }
      const same = word();
      const many = file(header, [row(same), row(same), row(same), row(same), row(same)]);
      expect(await run(dataset, many)).toMatchObject({
        status: dataset === 'strict' ? 'FAILED' : 'SUCCEEDED',
      });
    }));

  test('without a header, or with the wrong one', () =>
    expectNoTrace(async () => {
      const { delimiter } = marked;
      const names = header.split(delimiter);
      const contents = [
        file(row(), rows(3)),
        gzipSync(file(row(), rows(3))),
        Buffer.from(`\uFEFF${file(row(), rows(3))}`, 'utf16le'),
        file(`"${row()}`, rows(3)),
        file(`"${row()}"${word()}`, rows(3)),
        file(`${row()}\0`, rows(3)),
        Buffer.from(file(`${row()}ë`, rows(3)), 'latin1'),
        file(wrong[0]?.() ?? '', rows(3)),
        file(`sep=${delimiter}`, rows(3)),
        file(names.slice(1).join(delimiter), rows(3)),
        file(`${header}${delimiter}${names[0]}`, rows(3)),
        file(`"${header}`, rows(3)),
        file('', rows(1)),
      ];
      for (const content of contents)
        expect(await run(dataset, content)).toMatchObject({ status: 'FAILED', error: 'HeaderError' });
    }));

  test('that is damaged, or in another encoding', () =>
    expectNoTrace(async () => {
      const valid = file(header, rows(50));
      const compressed = gzipSync(valid);
      const flipped = Buffer.from(compressed);
      flipped.writeUInt32LE(1, flipped.length - 8);
      for (const content of [
        compressed.subarray(0, -20),
        flipped,
        Buffer.concat([compressed, Buffer.from(word())]),
      ])
        expect(await run(dataset, content)).toMatchObject({ status: 'FAILED', error: 'DecompressionError' });
      // With bytes that are invalid in every encoding, and with part of a character at the end of the file.
      for (const bytes of [[0xeb], [0xc3, 0x28], [0xed, 0xa0, 0x80]]) {
        const cells = [row(), row(), row(), row()].map((each) =>
          Buffer.concat([Buffer.from(`${word()}ä`), Buffer.from(bytes), Buffer.from(`${each}\n`)]),
        );
        // A row of valid UTF-8 rules out any other encoding.
        const start = Buffer.from(`${header}\n${row(`${word()}ä`)}\n`);
        const content = Buffer.concat([start, ...cells]);
        expect(await run(dataset, content)).toMatchObject({ status: 'FAILED', error: 'ValidationError' });
      }
    }));

  test('whose load fails, or that is deleted during the load', () =>
    expectNoTrace(async () => {
      const { s3 } = pipeline.stack.endpoints;
      const { sourceBucket } = pipeline.stack.synthesized;
      const place = pipeline.stack.dataset(dataset);
      const table = pipeline.table(place.table);
      const failing = async (name: FunctionName, act: () => Promise<unknown>) => {
        const stop = beforeInvocations(async (next) => {
          if (next.name === name) await act();
          return undefined;
        });
        return run(dataset, file(header, rows(20))).finally(stop);
      };
      const Key = `${place.prefix}file-${uploads + 1}.csv`;
      const remove = () => s3.send(new DeleteObjectCommand({ Bucket: sourceBucket, Key }));
      expect(await failing('load-to-dynamodb', remove)).toMatchObject({ error: 'SourceNotFoundError' });
      const removed = await failing('load-to-dynamodb', () => pipeline.dropTable(table));
      expect(removed).toMatchObject({ status: 'FAILED', error: 'ResourceNotFoundException' });
      await pipeline.createTable(table);
    }));

  test('that is superseded', () =>
    expectNoTrace(async () => {
      for (const name of ['validate-csv', 'report-rejects', 'load-to-dynamodb'] as const) {
        const key = `${pipeline.stack.dataset(dataset).prefix}file-${uploads + 1}.csv`;
        const stop = beforeInvocations(async (next) => {
          const newer = { etag: 'newer', sequencer: 'F', modified: 0 };
          const entry = pipeline.ledgerEntry(key, 'newer');
          const forced = { started: Date.now(), force: true };
          if (next.name === name) await entry.claim(newer, Date.now() + 1e6, async () => true, forced);
          return undefined;
        });
        const same = word();
        const result = await run(dataset, file(header, [...rows(20), row(same), row(same)])).finally(stop);
        expect(result.states.at(-1)).toMatchObject({ name: 'Superseded', status: 'SUCCEEDED' });
      }
    }));
});

test('of files that follow each other: rows that are unchanged, and keys that are removed, kept, or too many to be', () =>
  expectNoTrace(async () => {
    const rows = Array.from({ length: 2_000 }, () => `${word()},${word()}`);
    const load = async (content: readonly string[]) =>
      pipeline.stack.execute(await pipeline.upload('replaced/feed.csv', file('id,cell', content)));
    expect(await load(rows)).toMatchObject({ output: { loaded: 2_000, unchanged: 0 } });
    const next = [...rows.slice(10), `${word()},${word()}`];
    const changed = await load(next);
    expect(changed).toMatchObject({ output: { loaded: 1, unchanged: 1_990, removed: 10 } });
    const { changes } = z.object({ changes: z.string() }).parse(Object(changed).output);
    const removed = rows.slice(0, 10).map((row) => `KEY#${row.split(',')[0]},removed`);
    const lines = (await pipeline.reported(changes)).trim().split('\n');
    expect(lines.slice(1).sort()).toEqual([...removed, `KEY#${next.at(-1)?.split(',')[0]},added`].sort());
    expect(await load([...next.slice(1), word()])).toMatchObject({ output: { rejected: 1, kept: 1 } });
    expect(await load(next.slice(1_000))).toMatchObject({ status: 'FAILED', error: 'RemovalGuardError' });
    const { reportsBucket: Bucket } = pipeline.stack.synthesized;
    const { s3 } = pipeline.stack.endpoints;
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'indexes/' }));
    const [[id = '', cell = ''] = []] = next.map((row) => row.split(','));
    let index = '';
    for (const { Key = '' } of Contents) {
      index += await pipeline.reported(Key);
      await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    }
    // Of the cells, it has those of the key alone.
    expect([index.includes(`KEY#${id}\0`), new RegExp(`${cell}(?!\\d)`).test(index)]).toEqual([true, false]);
    expect(await load(next)).toMatchObject({ status: 'FAILED', error: 'IndexMissingError' });
  }));
