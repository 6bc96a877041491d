import { decimal, text } from '../functions/core/dataset/columns.ts';
import { dataset } from '../functions/core/dataset/dataset.ts';

/** Airports of the United States, as the public package vega-datasets has them. */
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
