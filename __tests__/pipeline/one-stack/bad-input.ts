/** A bad file fails with a clear message, and none of it is loaded. */

import { everyNth } from '../../support/full-run.ts';
import { type Pipeline, sharedPipeline } from '../../support/pipeline.ts';

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await sharedPipeline();
});

const header = 'id,name,amount,date\n';
const good = '1,Ada,1,2024-01-01\n';

describe('a file without a usable header', () => {
  test.each(
    everyNth(4, [
      ['is empty', '', 'is empty. It needs a header with the columns id, name, amount, date.'],
      ['has only blank lines', '\n\n', 'is empty'],
      ['lacks a column', `id,name,date\n1,Ada,2024-01-01\n`, 'the column "amount" is missing.'],
      [
        'misspells a column',
        `id,name,amuont,date\n${good}`,
        'the column "amount" is missing (is it "amuont"?)',
      ],
      ['has a duplicate column', `id,name,amount,date,Name\n`, 'the column "name" appears 2 times'],
      ['has data instead of a header', good, 'it has none of the columns "id", "name", "amount", "date".'],
      [
        'has an unclosed quote in it',
        `id,"name,amount,date\n${good}`,
        'has a quoted field that is not properly closed',
      ],
      [
        'has an unknown delimiter',
        'id~name~amount~date\n1~Ada~1~2024-01-01\n',
        "line 1 has 1 field with ','; with '~' 4 columns fit",
      ],
    ]),
  )('that %s', async (_, content, cause) => {
    const result = await pipeline.ingest('file.csv', content);
    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'HeaderError',
      cause: expect.stringContaining(cause),
      items: [],
      rejected: [],
      rejectedReport: null,
    });
    expect(result.states.map(({ name }) => name)).toEqual(['FetchCsv', 'TellRejected', 'Rejected']);
    expect(result.events).toMatchObject([
      {
        'detail-type': 'Upload Rejected',
        detail: {
          error: 'HeaderError',
          source: { key: 'file.csv' },
          reason: { errorMessage: expect.stringContaining(cause) },
          message: `csv-pipeline-local rejected file.csv: HeaderError. Nothing of the file was loaded. The execution ${result.name} says why.`,
        },
      },
    ]);
  });
});

describe('a file with a row', () => {
  test.each(
    everyNth(4, [
      ['with too few fields', '2,Bob,1\n', { line: 3, column: '', code: 'too_few_fields' }],
      ['with too many fields', '2,Bob,1,2024-01-01,x\n', { line: 3, column: '', code: 'too_many_fields' }],
      ['with an unclosed quote', '2,"Bob,1,2024-01-01\n', { line: 3, column: '', code: 'unclosed_quote' }],
      [
        'with text after a closing quote',
        '2,"Bob"by,1,2024-01-01\n',
        { line: 3, column: '', code: 'stray_quote' },
      ],
      ['with a quote in it', '2,Bo"b,1,2024-01-01\n', { line: 3, column: '', code: 'stray_quote' }],
      ['with a NUL byte', '2,Bo\0b,1,2024-01-01\n', { line: 3, column: '', code: 'nul_byte' }],
      ['without an id', ',Bob,1,2024-01-01\n', { line: 3, column: 'id', code: 'empty' }],
      [
        'with an amount in words',
        '2,Bob,one,2024-01-01\n',
        { line: 3, column: 'amount', code: 'not_a_decimal' },
      ],
      [
        'with a day that does not exist',
        '2,Bob,1,2023-02-29\n',
        { line: 3, column: 'date', code: 'not_a_date' },
      ],
      [
        'over 400 KB',
        `2,${'x'.repeat(409_560)},1,2024-01-01\n`,
        { line: 3, column: '', code: 'item_too_large' },
      ],
    ]),
  )('%s', async (_, row, rejected) => {
    const result = await pipeline.ingest('file.csv', `${header}${good}${row}3,Eve,1,2024-01-01\n`);
    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'ValidationError',
      cause: expect.stringContaining('1 of 3 rows'),
      rejected: [rejected],
      items: [],
    });
    expect(result.states.at(-1)?.name).toBe('Rejected');
  });

  test('that is not UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${header}${good}2,Zo`),
      Buffer.from([0xeb]),
      Buffer.from(',1,2024-01-01\n'),
    ]);
    const position = bytes.indexOf(0xeb);
    expect(await pipeline.ingest('file.csv', bytes)).toMatchObject({
      error: 'ValidationError',
      rejected: [
        {
          line: 3,
          code: 'invalid_encoding',
          reason: `is not valid UTF-8 at byte ${position}; if the files have another encoding, declare it with encodings`,
        },
      ],
      items: [],
    });
  });
});

test('an upload that was overwritten before its event arrived is refused', async () => {
  await pipeline.ingest('file.csv', header);
  const event = { key: 'file.csv', etag: 'another', size: 1 };
  expect(await pipeline.stack.execute(event)).toMatchObject({
    status: 'FAILED',
    error: 'SourceChangedError',
  });
});

// Not null, for which the interpreter finds nothing at `$`.
test.each([
  [{}, 'is of type object'],
  [{ Bucket: 'b', Key: 'k' }, 'has the fields Bucket, Key'],
  [{ bucket: 'b' }, 'has the fields bucket'],
  [[], 'is of type object'],
  ['file.csv', 'is of type string'],
])('the input %j is refused', async (input, cause) => {
  expect(await pipeline.stack.execute(input)).toMatchObject({
    status: 'FAILED',
    error: 'InvalidInputError',
    cause: expect.stringContaining(cause),
  });
});
