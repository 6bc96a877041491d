import { isBlank } from '../../../../functions/core/dataset/row-kinds.ts';

test.each<[readonly string[] | undefined, boolean]>([
  [['', '', ''], true],
  [[''], true],
  [[' \t\u00A0', '\u2003', '\uFEFF'], true],
  [['\u200B', '\u00AD\u2060'], true],
  [['', '0', ''], false],
  // A record with a fault has no fields.
  [undefined, false],
])('%j is blank: %s', (fields, expected) => {
  expect(isBlank(fields)).toBe(expected);
});
