/** The examples of columns in docs/datasets.md are true. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { storedValue } from '../../../../functions/core/dataset/columns/column.ts';
import * as columns from '../../../../functions/core/dataset/columns.ts';
import { putOf } from '../../../../functions/core/table/batch-write.ts';

const text = readFileSync(join(__dirname, '../../../../docs/datasets.md'), 'utf8');
const examples = [...text.matchAll(/^\| `(\w+\(.*\))` \| `([^`]*)` \| `([^`]*)` \|$/gm)].map(
  ([, column = '', cell = '', stored = '']) => [column, cell, stored] as const,
);

test('every kind of column has an example', () => {
  const kinds = Object.keys(columns).filter((name) => !['CellFault', 'NumberValue'].includes(name));
  const shown = new Set(examples.map(([column]) => column.split('(')[0]));
  expect([...shown].sort()).toEqual(kinds.sort());
});

test.each(examples)('%s reads %s as %s', (column, cell, stored) => {
  const scope = { ...columns, z };
  const made = new Function(...Object.keys(scope), `return ${column}`)(...Object.values(scope));
  expect(made.problems).toEqual([]);
  const value = storedValue(made, cell);
  if (value instanceof columns.CellFault) expect(value.code).toBe(stored);
  else expect(putOf({ pk: '', value }).json).toContain(`"value":${stored}}`);
});
