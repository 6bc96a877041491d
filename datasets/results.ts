import { dateTime, decimal, text } from '../functions/core/dataset/columns.ts';
import { dataset } from '../functions/core/dataset/dataset.ts';

/** The dataset to start with; `samples/sample.csv` is one of its files. */
export const results = dataset({
  name: 'results',
  columns: {
    id: text(),
    name: text(),
    amount: decimal(),
    date: dateTime({ format: 'YYYY-MM-DD' }),
  },
  key: 'ROW#{id}',
});
