import { decimal, integer, text } from '../functions/core/dataset/columns.ts';
import { dataset } from '../functions/core/dataset/dataset.ts';

/** A full export of a shop's articles, which comes again every night: the table follows it. */
export const articles = dataset({
  name: 'articles',
  columns: {
    article: text(),
    name: text(),
    price: decimal(),
    stock: integer(),
  },
  key: 'ARTICLE#{article}',
  load: { mode: 'replace', feed: 'object' },
});
