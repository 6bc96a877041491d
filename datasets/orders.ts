import { boolean, date, decimal, integer, oneOf, text } from '../functions/core/dataset/columns.ts';
import { dataset } from '../functions/core/dataset/dataset.ts';

/** Order lines exported by a German shop, with semicolons, decimal commas and Excel's encoding. */
export const orders = dataset({
  name: 'orders',
  columns: {
    order_id: text({ aliases: ['Order ID', 'Bestell-Nr'] }),
    line: integer({ aliases: ['Position'] }),
    customer_id: text({ aliases: ['Customer ID', 'Kunden-Nr'] }),
    article: text({ aliases: ['Artikel'] }),
    quantity: integer({ aliases: ['Menge'], grouping: '.' }),
    price: decimal({ aliases: ['Preis'], point: ',', grouping: '.' }),
    ordered: date({ aliases: ['Bestellt am'], format: 'DD.MM.YYYY' }),
    shipped: date({ aliases: ['Versandt am'], format: 'DD.MM.YYYY', empty: 'null' }),
    status: oneOf(['offen', 'versandt', 'storniert']),
    gift: boolean({ true: ['ja', 'x'], false: ['nein'] }, { aliases: ['Geschenk'], required: false }),
    note: text({ aliases: ['Bemerkung'], required: false }),
  },
  key: 'ORDER#{order_id}',
  sort: 'LINE#{line:6}',
  delimiter: ';',
  encodings: ['utf-8', 'windows-1252'],
  tolerance: { share: 0.1 },
});
