/** Adds a dataset for each mode to a copy of the program. */

import type { Changes } from '../../bench/measure/changed-program.ts';

/** Their files are described by `FILE_KINDS`. */
export const DATASETS: Changes = {
  'datasets/modes.ts': `
    import { decimal, oneOf, text } from '../functions/core/dataset/columns.ts';
    import { dataset } from '../functions/core/dataset/dataset.ts';

    const columns = { id: text(), name: text(), amount: decimal(), note: text({ required: false }) };
    const changes = { op: oneOf(['U', 'D']), ...columns };
    const shared = { key: 'ROW#{id}', tolerance: { share: 0.1 } } as const;
    const operation = { column: 'op', delete: ['D'] } as const;

    export const modes = [
      dataset({ name: 'changed', columns: changes, ...shared, load: { operation } }),
      dataset({ name: 'merged', columns: changes, ...shared, load: { mode: 'merge', operation } }),
      dataset({
        name: 'followed',
        columns,
        ...shared,
        load: { changesOnly: true, feed: 'object', listChanges: true },
      }),
      dataset({
        name: 'replaced',
        columns,
        ...shared,
        load: { mode: 'replace', feed: 'object', maxRemoved: { share: 1 }, listChanges: true },
      }),
      dataset({
        name: 'dated',
        columns,
        ...shared,
        load: { mode: 'replace', feed: 'dataset', maxRemoved: { share: 1 }, listChanges: true },
      }),
      dataset({ name: 'inserted', columns, ...shared, load: { mode: 'insert' } }),
      dataset({ name: 'newest', columns, ...shared, load: { newest: { attribute: 'uploaded_at' } } }),
    ];`,
  'datasets/index.ts': {
    'import { orders }': "import { modes } from './modes.ts';\nimport { orders }",
    'airports, articles]': 'airports, articles, ...modes]',
  },
  'environments/local.ts': {
    "airports: 'airports/'":
      "airports: 'airports/', changed: 'changed/', merged: 'merged/', followed: 'followed/', replaced: 'replaced/', dated: 'dated/', inserted: 'inserted/', newest: 'newest/'",
  },
};
