import { embedded } from '../../report/page.ts';

test('JSON in a page holds nothing that a parser of HTML or JavaScript would stumble over', () => {
  const value = { cell: '</script><!--<script>&amp;\u2028\u2029', '</title>': null };
  const text = embedded(value);
  expect(text).not.toMatch(/[<>&\u2028\u2029]/);
  expect(JSON.parse(text)).toEqual(value);
});
