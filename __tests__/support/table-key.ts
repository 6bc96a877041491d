import type { KeyAttribute, TableKey } from '../../functions/core/dataset/shape/table-key.ts';

/** The key of a table that has only a partition key, and of one that has both, as a dataset declares them by default. */
const pk: KeyAttribute = { name: 'pk', type: 'S', template: '{id}' };
export const PK: TableKey = [pk];
export const PK_AND_SK: TableKey = [pk, { name: 'sk', type: 'S', template: '{line}' }];
