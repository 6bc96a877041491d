import { decimal, text } from '../functions/core/dataset/columns.ts';
import { dataset } from '../functions/core/dataset/dataset.ts';

/** Airports in the United States, from the public package vega-datasets. */
export const airports = dataset({
  name: 'airports',
  columns: {
    iata: text(),
    name: text(),
    city: text(),
    state: text(),
    country: text(),
    latitude: decimal(),
    longitude: decimal(),
  },
  key: 'AIRPORT#{iata}',
});
