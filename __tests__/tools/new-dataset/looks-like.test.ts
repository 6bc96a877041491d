import { looksLike } from '../../../tools/new-dataset/looks-like.ts';
import { refuseOtherText } from '../../../tools/new-dataset/other-text.ts';

// A few words each, encoded by Python.
test.each([
  ['windows-1252', 'aWQsbmFtZQoxLEdy9t9lIENhZukKMixpdJJzIJYgZmluZQozLE38bGxlcgo='],
  ['macintosh', 'aWQsbmFtZQpyMSxDYWaOIE5vkWwKcjIsaXTVcyDSZmluZdMKcjMsgXJlCg=='],
  ['windows-1250', 'aWQsbmFtZQoxLKPzZJ8KMixLcmFr83cKMyyMd2nqdHkK'],
  ['iso-8859-2', 'aWQsbmFtZQoxLKPzZLwKMixLcmFr83cKMyymd2nqdHkK'],
  ['windows-1251', 'aWQs6Oz/CjEswO3t4AoyLMHu8OjxCg=='],
  ['koi8-r', 'aWQsyc3RCjEs4c7OwQoyLOLP0snTCg=='],
  ['ibm866', 'aWQsqKzvCjEsgK2toAoyLIGu4KjhCg=='],
  ['windows-1253', 'aWQs/O3v7OEKMSzB6N7t4Qo='],
  ['windows-1255', 'aWQs+e0KMSz57OXtCg=='],
  ['shift_jis', 'aWQslWmOvwpyMSzglpP3CnIyLJdclPUK'],
  ['iso-2022-jp', 'aWQsGyRCTD5BMBsoQgoxLBskQkVsNX4bKEIK'],
  ['gb18030', 'aWQsbmFtZQpyMSy/p7fICnIyLMLMsugK'],
  ['big5', 'aWQsbmFtZQoxLKV4pV+lqwoyLLCqtq8K'],
  ['euc-kr', 'aWQsbmFtZQoxLLytv+8KMiy6zrvqsaS/qr3DCg=='],
  ['utf-8', 'aWQsbmFtZQoxLEdyw7bDn2UK'],
])('a few words in %s look like it', async (encoding, base64) => {
  expect(await looksLike(Buffer.from(base64, 'base64'))).toMatchObject({ encoding });
});

test('a few words are not enough to be sure, a few lines may be', async () => {
  const words = 'id,\xe8\xec\xff\n1,\xc0\xed\xed\xe0\n';
  const lines = Buffer.from(
    'aWQsx8/Sz8Qs1czJw8EKMSztz9PL18Es9NfF0tPLwdEKMizrwdrBztgs4sHVzcHOwQozLPPBzcHSwSzsxc7JzsfSwcTTy8HRCg==',
    'base64',
  );
  expect(await looksLike(Buffer.from(words, 'latin1'))).toEqual({ encoding: 'windows-1251', isSure: false });
  expect(await looksLike(lines)).toEqual({ encoding: 'koi8-r', isSure: true });
});

test('bytes that are no text look like nothing that is certain', async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  expect(await looksLike(bytes.subarray(0x80))).not.toMatchObject({ isSure: true });
});

test.each([
  ['a Markdown table', '| id | name |\n|----|:----:|\n| 1 | A |\n'],
  ['a Markdown table', 'id | name\n--- | ---\n1 | A\n'],
  ['YAML', '---\nid: 1\nname: A\n'],
  ['SQL', '-- a dump\nINSERT INTO t VALUES (1, 2);\n'],
  ['an e-mail', 'From: a@example.com\nTo: b@example.com\n\nHello, you\n'],
  ['encrypted or signed text', '-----BEGIN PGP MESSAGE-----\n\nabc,def\n'],
])('%s is not taken for CSV', (what, text) => {
  expect(() => refuseOtherText(Buffer.from(text), 'a.csv')).toThrow(`a.csv looks like ${what}`);
});

test.each(['id|name\n1|A\n', 'id | name\n-- | A\n', 'date: a,b\n1,2\n', '-1,--\n', 'insert,into\n'])(
  '%j may be CSV',
  (text) => {
    expect(() => refuseOtherText(Buffer.from(text), 'a.csv')).not.toThrow();
  },
);
