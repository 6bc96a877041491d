/** What is in front of a header, among the rows, and after them. */

import { checkFile } from '../../../tools/check/check-file.ts';
import { draftDataset } from '../../../tools/new-dataset/draft-dataset.ts';
import { headerIndex, looksLikeRow } from '../../../tools/new-dataset/guess-layout.ts';
import { Generator } from '../../support/generated.ts';

const generator = new Generator();
afterAll(() => generator.remove());

const rows = 'a1,Ann,1.50,2024-01-02\na2,Ben,2.25,2024-01-03\na3,Cyd,3.75,2024-01-04\n';
const table = `id,name,amount,date\n${rows}`;

async function draft(content: string | Buffer) {
  const { text, ...found } = await draftDataset(generator.write('sample.csv', content), 'sample');
  return { ...found, text, names: text.columns.map(({ name }) => name).join() };
}

describe('lines in front of the header are skipped, with a warning', () => {
  test.each([
    [
      'a title, a line with another delimiter and a blank line',
      'Account statement\nGenerated;2024-02-01\n\n',
      3,
    ],
    ['lines as wide as the table', 'Account,Statement,January,2024\nFrom,2024-01-01,To,2024-01-31\n', 2],
    ['a title with empty cells', 'Title of the table,,,\n', 1],
    ['a comment', '# exported by x\n', 1],
    ['a comment as wide as the table', '# exported, by x, at 10, on Monday\n', 1],
    ['a quoted title of two lines', '"The title,\nand more"\n', 2],
  ])('%s', async (_what, before, lines) => {
    const { names, text, rows: count, warnings } = await draft(before + table);
    expect({ names, count, header: text.header }).toEqual({
      names: 'id,name,amount,date',
      count: 3,
      header: { find: true },
    });
    expect(warnings[0]).toMatch(`${lines} line${lines === 1 ? '' : 's'} in front of the header`);
  });

  test.each([
    ['a table', table],
    ['a line of blanks', `  \n${table}`],
    ['a header that starts with a hash', table.replace('id', '#id')],
    ['years as names', 'country,2019,2020,2021\nDE,1,2,3\nFR,4,5,6\n'],
    ['numbers as names', 'name,0,1,2\nx,1.5,2.5,3.5\ny,4,5,6\n'],
    ['days as names', 'country,1/22/20,1/23/20\nDE,1,2\nFR,4,5\n'],
    ['units below the header', 'name,mass,length\ntext,kg,m\nx,1.5,2\ny,2.5,3\n'],
    ['an index column without a name', ',name,amount\n0,Ann,1.5\n1,Ben,2.5\n'],
    ['words alone', 'a,b\nx,y\np,q\n'],
    ['a single column', 'note\nfoo: bar\nx: y\n'],
    ['rows that are all wider', 'a,b\nx,y,z\np,q,r\ns,t\n'],
  ])('but none of %s', async (_what, content) => {
    const { text, warnings } = await draft(content);
    expect(text.header).toBeUndefined();
    expect(warnings.join()).not.toMatch(/skipped|looks like data/);
    expect(text.columns.map(({ aliases, name }) => aliases[0] ?? name)).toEqual(
      (/^.*\S.*$/m.exec(content)?.[0] ?? '').split(',').filter((name) => name !== ''),
    );
  });
});

describe('a file without a header', () => {
  test('has numbered columns, which are read by their positions, with a warning', async () => {
    const { names, text, rows: count, warnings } = await draft(rows);
    expect({ names, count, header: text.header }).toEqual({
      names: 'column_1,column_2,column_3,column_4',
      count: 3,
      header: false,
    });
    expect(warnings[0]).toMatch('Line 1 looks like data');
  });

  test.each([
    ['numbers where the others have them', ['a', '1.5'], true],
    ['a word where the others have numbers', ['a', 'amount'], false],
    ['a day where the others have numbers', ['a', '2024-01-02'], false],
  ])('is one whose first record has %s', (_what, first, expected) => {
    expect(
      looksLikeRow(first, [
        ['b', '2'],
        ['c', '-3.5'],
        ['d', ''],
      ]),
    ).toBe(expected);
  });
});

describe('a dataset that is drafted from a file with', () => {
  test.each([
    ['lines in front of the header', `Account statement\nGenerated;2024-02-01\n\n${table}`, 3],
    ['no header', rows, 3],
    ['a line of blanks', `  \n${table}`, 3],
    ['a quoted line that names the delimiter', '"sep=;"\nid;n\na;1\nb;2\n', 2],
    ['a delimiter at the end of the header', 'id,n,\na,1\nb,2\n', 2],
    ['a delimiter at the end of the rows', 'id,n\na,1,\nb,2,\n', 2],
    ['comments', '# x\nid,n\na,1\n# y\nb,2\n', 2],
    ['blanks in front of quotes', '"id", "n"\n"a", "1"\n', 1],
    ['backslashes in front of quotes', 'id,n\na,"x \\"y\\""\n', 1],
    ['quotes in unquoted fields', 'id,n\na,27" monitor\nb,["x"]\n', 2],
    ['other quotes', "id,n\na,'x,y'\n", 1],
  ])('%s loads it', async (_what, content, count) => {
    const { draft: drafted, items, rejections } = await generator.from(content);
    expect(rejections).toEqual([]);
    expect(items).toHaveLength(count);
    expect(drafted.rows).toBe(count);
  });

  test.each([
    ['comments: "#"', '# x\nid,n\na,1\n# y\nb,2\n'],
    ['ltrim: true', '"id", "n"\n"a", "1"\n'],
  ])('%s has a warning', async (option, content) => {
    const { text, warnings } = await draft(content);
    expect(warnings[0]).toBe(
      `The sample is valid CSV only with ${option}, which the dataset declares. Check its cells.`,
    );
    expect(text.header).toBeUndefined();
  });

  test('a total at the end leaves it out, as the footer', async () => {
    const content = 'code,label\na,x\nb,y\nGrand Total,2\n';
    const { dataset, source } = await generator.from(content);
    expect(source).toContain('\nfooter: /^grand total/i,\n');
    const file = generator.write('total.csv', content);
    const checked = await checkFile(file, { dataset, maxDecompressedBytes: 1e6, onProgress: () => {} });
    expect(checked).toMatchObject({ accepted: true, counts: { read: 2, rejected: 0 } });
  });

  test('invalid rows that no option makes valid declares none', async () => {
    const { text, warnings } = await draft('id,b\n1,2\n3\n4,5"6\n7,8\n');
    expect(text.quoting).toEqual({});
    expect(warnings[0]).toMatch('2 rows with invalid CSV');
  });
});

test.each([
  ['^', 'id^name\na1^Ann\na2^Ben\n'],
  ['~', 'id~name\na1~Ann\na2~Ben\n'],
  ['\x1f', 'id\x1fname\na1\x1fAnn\na2\x1fBen\n'],
])('fields may be delimited by %j', async (delimiter, content) => {
  expect(await draft(content)).toMatchObject({ names: 'id,name', text: { delimiter } });
});

test('blank rows are no rows', async () => {
  expect(await draft(`${table},,,\n"","","",""\n \n`)).toMatchObject({ rows: 3, warnings: [] });
});

test('the header once more is not taken for data, with a warning', async () => {
  const { text, rows: count, warnings } = await draft(`${table}ID,name,amount,date\n${rows}`);
  expect(count).toBe(6);
  expect(text.columns.map(({ form }) => form.kind)).toEqual(['text', 'text', 'decimal', 'date']);
  expect(warnings[0]).toBe('1 row that repeats the header: ignored here, rejected by the dataset.');
});

test.each(['Total,2', 'Grand total,12.5', 'Summe,1', '"TOTAL: ",3', 'Итого,4', ',x'])(
  'a last row such as %s',
  async (last) => {
    const { rows: count, warnings } = await draft(`id,b\na,1\nb,2\n${last}\n`);
    const isTotal = last !== ',x';
    expect(count).toBe(isTotal ? 2 : 3);
    expect(warnings.join().includes('The file ends with what looks like a total,')).toBe(isTotal);
  },
);

test.each([
  ['two totals are the footer', 'a,1\nb,2\nAverage,1.5\nTotal,3\n', 'average', 2],
  ['the number of rows is the footer', 'a,1\nb,2\n(2 rows)\n', String.raw`\(\d+ rows?(?: affected)?\)$`, 2],
  ['a mark of the end is the footer', 'a,1\nb,2\nEOF\n', '(?:eof|end of file|trl|trailer)$', 2],
  ['a trailer with a count is the footer', 'a,1\nb,2\nTRL,2\n', '(?:eof|end of file|trl|trailer)$', 2],
  ['a mark of the end among the rows is a row', 'a,1\nEOF,2\nb,3\n', undefined, 3],
  ['totals among the rows are rows', 'a,1\nSubtotal,1\nb,2\nTotal,3\n', 'total', 3],
  ['a footer that a row would match is not declared', 'a,1\nTotalEnergies,2\nTotal,3\n', undefined, 3],
])('%s', async (_what, content, footer, count) => {
  expect(await draft(`id,b\n${content}`)).toMatchObject({ rows: count, text: { footer } });
});

test('a header is not searched for beyond a hundred records', () => {
  const titles = Array.from({ length: 101 }, () => ['title', '', '']);
  const body = Array.from({ length: 150 }, () => ['x', '1', '2']);
  const header = ['a', 'b', 'c'];
  expect(headerIndex([...titles.slice(0, 99), header, ...body])).toBe(99);
  expect(headerIndex([...titles, header, ...body])).toBe(0);
});
