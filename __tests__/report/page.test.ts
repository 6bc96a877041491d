import { embeddedJson } from '../../report/page.ts';

test('JSON in a page has no character with a meaning in HTML or JavaScript', () => {
  const value = { cell: '</script><!--<script>&amp;\u2028\u2029', '</title>': null };
  const text = embeddedJson(value);
  expect(text).not.toMatch(/[<>&\u2028\u2029]/);
  expect(JSON.parse(text)).toEqual(value);
});
