import { fetchedFile, fileFacts } from '../../../report/record/file-facts.ts';

const warning = 'Each row ends with a delimiter that the header lacks; it is left out.';

test('the facts about a file contain the warnings about its header', () => {
  const file = fetchedFile({
    source: { bucket: 'uploads', key: 'results/a.csv', size: 20 },
    format: {
      ...{ dataset: 'results', compression: 'none', encoding: 'utf-8', size: 20, delimiter: ',' },
      ...{ columns: [0, 1, 2, 3], headerLines: 1, ignored: [], warnings: [warning] },
    },
    plan: { mode: 'probe' },
    chunks: [],
  });
  expect(file && fileFacts(file)).toContainEqual(['Warning', warning]);
});
