/** Adds a dataset for each way to load to a copy of the program. */

import type { Changes } from '../../bench/measure/changed-program.ts';

export const MODES: Changes = {
  'datasets/modes.ts': `
    import { integer, text } from '../functions/core/dataset/columns.ts';
    import { dataset } from '../functions/core/dataset/dataset.ts';

    const columns = { id: text(), name: text({ required: false }), note: text({ required: false }) };

    export const modes = [
      dataset({ name: 'inserted', columns, key: 'ROW#{id}', load: { mode: 'insert' } }),
      dataset({ name: 'newest', columns, key: 'ROW#{id}', load: { newest: { attribute: 'uploaded_at' } } }),
      dataset({ name: 'merged', columns, key: 'ROW#{id}', load: { mode: 'merge' } }),
      dataset({
        name: 'changed',
        columns: { op: text(), ...columns, note: text() },
        key: 'ROW#{id}',
        load: { operation: { column: 'op', delete: ['D'] } },
      }),
      dataset({
        name: 'changed-part',
        columns: { op: text(), ...columns },
        key: 'ROW#{id}',
        load: { mode: 'merge', operation: { column: 'op', delete: ['D'] } },
      }),
      dataset({
        name: 'followed',
        columns,
        key: 'ROW#{id}',
        tolerance: { rows: 1 },
        load: { changesOnly: true, feed: 'object' },
      }),
      dataset({
        name: 'replaced',
        columns: { ...columns, name: text() },
        key: 'ROW#{id}',
        tolerance: { rows: 1 },
        load: { mode: 'replace', feed: 'object', maxRemoved: { share: 0.5 }, listChanges: true },
      }),
      dataset({
        name: 'dated',
        columns: { ...columns, name: text() },
        key: 'ROW#{id}',
        load: { mode: 'replace', feed: 'dataset', maxRemoved: { share: 0.5 } },
      }),
      dataset({
        name: 'shaped',
        columns: { id: text(), line: integer(), name: text({ attribute: 'article.name' }) },
        key: { id: '{id}' },
        constants: { entity: 'LINE' },
        indexes: { byName: { key: 'NAME#{name}', sort: { line: '{line}' }, projection: ['entity'] } },
        sort: { 'line#': '{line}' },
        load: { mode: 'replace', feed: 'object', maxRemoved: { share: 0.5 } },
        derive: ({ name }) => ({ search: name.toUpperCase() }),
      }),
      dataset({
        name: 'shaped-new',
        columns: { id: text() },
        key: '{id}',
        load: { mode: 'insert' },
        derive: (_, { key, version, time }) => ({ from: { key, version: version ?? '', time } }),
      }),
      dataset({
        name: 'shaped-part',
        columns: { id: integer(), name: text({ required: false, attribute: 'title' }) },
        key: { id: '{id}' },
        constants: { entity: 'PART' },
        ttl: { attribute: 'expires', days: 400 },
        load: { mode: 'merge' },
      }),
    ];`,
  'datasets/index.ts': {
    'import { orders }': "import { modes } from './modes.ts';\nimport { orders }",
    'airports, articles]': 'airports, articles, ...modes]',
  },
  'environments/local.ts': {
    "airports: 'airports/'":
      "airports: 'airports/', inserted: 'inserted/', newest: 'newest/', merged: 'merged/', changed: 'changed/', 'changed-part': 'part/', followed: 'followed/', replaced: 'replaced/', dated: 'dated/', shaped: 'shaped/', 'shaped-part': 'shaped-part/', 'shaped-new': 'shaped-new/'",
  },
};
