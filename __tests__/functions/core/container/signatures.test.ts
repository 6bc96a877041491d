import { gzipSync } from 'node:zlib';
import { detectFormat } from '../../../../functions/core/csv/detect.ts';
import { text } from '../../../../functions/core/dataset/columns.ts';
import { dataset } from '../../../../functions/core/dataset/dataset.ts';
import { fixtureDataset } from '../../../fixtures/datasets.ts';
import { reader } from '../../../support/bytes.ts';

function detected(bytes: Buffer) {
  const file = { read: reader(bytes), size: bytes.length, name: 'the file' };
  return detectFormat(file, fixtureDataset('results'));
}

const tar = Buffer.alloc(1024);
tar.write('orders.csv', 0);
tar.write('ustar\x0000', 257);

const rows = 'id,name,amount,date\n1,Ada,1.5,2024-01-01\n';

test.each([
  ['text in UTF-32', Buffer.from('fffe000069000000640000002c000000', 'hex')],
  ['text in UTF-32', Buffer.from('0000feff00000069000000640000002c', 'hex')],
  ['an Excel workbook (.xls) or another old Office file', Buffer.from('d0cf11e0a1b11ae10000000000', 'hex')],
  ['a Parquet file', Buffer.from('PAR1\x15\x04')],
  ['an SQLite database', Buffer.from('SQLite format 3\0\x10\0')],
  ['a PDF document', Buffer.from('%PDF-1.7\n')],
  ['an image', Buffer.from('89504e470d0a1a0a0000000d', 'hex')],
  ['an image', Buffer.from('ffd8ffe000104a464946', 'hex')],
  ['an image', Buffer.from('GIF89a\x01\x00')],
  ['a tar archive', tar],
  ['compressed with bzip2', Buffer.from('BZh91AY&SY\x80')],
  ['compressed with xz', Buffer.from('fd377a585a000004', 'hex')],
  ['a 7z archive', Buffer.from('377abcaf271c0004', 'hex')],
  ['a RAR archive', Buffer.from('Rar!\x1a\x07\x01\x00')],
  ['a web page (HTML)', Buffer.from('\uFEFF\r\n<!DOCTYPE html>\n<html lang="en">')],
  ['a web page (HTML)', Buffer.from('<html><body>Access denied</body></html>')],
  ['an XML document', Buffer.from('<?xml version="1.0"?>\n<rows/>')],
  ['JSON', Buffer.from('[\n  {"id": 1, "name": "Ada"}\n]')],
  ['JSON', Buffer.from('{"id":1,"name":"Ada"}\n{"id":2,"name":"Bob"}\n')],
  ['JSON', Buffer.from('\uFEFF{"id":1}', 'utf16le')],
  ['JSON', Buffer.from('[1,2,3]\n[4,5,6]\n')],
  ['an XML or HTML document', Buffer.from('<Error><Code>AccessDenied</Code></Error>')],
  ['an XML or HTML document', Buffer.from('<!-- saved -->\n<table><tr><td>1</td></tr></table>')],
  ['text in UTF-32', Buffer.from('69000000640000002c0000006e000000', 'hex')],
  ['text in UTF-32', Buffer.from('00000069000000640000002c0000006e', 'hex')],
  ['an image', Buffer.from('RIFF\x24\0\0\0WEBPVP8 ')],
  ['a pointer of Git LFS', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n')],
  [
    'an Excel workbook (.xlsx) or another Office file',
    Buffer.from(`PK\x03\x04${'\0'.repeat(26)}[Content_Types].xml`),
  ],
])('%s is named, compressed or not, with what to do', async (what, bytes) => {
  for (const file of [bytes, gzipSync(bytes)]) {
    await expect(detected(file)).rejects.toMatchObject({
      name: 'NotCsvError',
      message: expect.stringMatching(
        new RegExp(`^the file is ${what.replaceAll(/[().]/g, '\\$&')}, not CSV\\. (?:.*\\.)$`),
      ),
    });
  }
});

test('a file that is compressed twice is refused as such', async () => {
  await expect(detected(gzipSync(gzipSync(rows)))).rejects.toThrow(
    'the file is compressed twice. Compress the CSV file once.',
  );
});

test.each(['{id},name\n', '<b>,name\n', '[id],name\n'])(
  'a valid header is not taken for another kind of file: %j',
  async (header) => {
    const columns = { id: text({ aliases: ['{id}', '<b>', '[id]'] }) };
    const file = { read: reader(Buffer.from(header)), size: header.length, name: 'the file' };
    const { format } = await detectFormat(file, dataset({ name: 'x', columns, key: '{id}' }));
    expect(format.columns).toEqual([0]);
  },
);
