/** Rows per second over time, as a line chart and as a table. */

import type { RowSeries } from '../record/run-record.ts';
import { el, svg, table } from './dom.ts';
import { count, duration } from './format.ts';

/** Width of the chart, in SVG units. */
const WIDTH = 1_000;

/** Height of the chart, in SVG units and pixels. */
const HEIGHT = 200;

/** Name of the line, by phase. */
const NAMES: Readonly<Record<string, string>> = { validate: 'validating', load: 'loading' };

export function rowsChart({ interval, phases }: RowSeries): HTMLElement {
  const entries = Object.entries(phases);
  if (entries.length === 0) return el('p', {}, 'No rows were processed.');
  const buckets = Math.max(...entries.map(([, rows]) => rows.length));
  const rates = entries.map(([phase, rows]) => ({
    name: NAMES[phase] ?? phase,
    total: rows.reduce((sum, each) => sum + each, 0),
    values: Array.from({ length: buckets }, (_, index) => ((rows[index] ?? 0) * 1_000) / interval),
  }));
  const maxRate = Math.max(1, ...rates.flatMap(({ values }) => values));
  const lines = rates.map(({ name, values }, index) => {
    const points = values.map((value, bucket) => {
      const [left, right] = [bucket, bucket + 1].map((edge) => (edge / buckets) * WIDTH);
      const y = HEIGHT - (value / maxRate) * HEIGHT;
      return `${left},${y} ${right},${y}`;
    });
    return svg(
      'polyline',
      { class: `series series-${index}`, points: points.join(' ') },
      svg('title', {}, name),
    );
  });
  const legend = rates.map(({ name, total }, index) =>
    el(
      'li',
      {},
      svg(
        'svg',
        { class: 'swatch', viewBox: '0 0 24 8', 'aria-hidden': true },
        svg('line', { class: `series series-${index}`, x1: 0, y1: 4, x2: 24, y2: 4 }),
      ),
      `${count(total)} ${name}`,
    ),
  );
  const heads = ['Time', ...rates.map(({ name }) => `${name}, rows/s`)];
  const rows = Array.from({ length: buckets }, (_, bucket) => [
    duration(bucket * interval),
    ...rates.map(({ values }) => count(Math.round(values[bucket] ?? 0))),
  ]);
  return el(
    'div',
    { class: 'chart' },
    el('ul', { class: 'legend' }, ...legend),
    el('p', { class: 'top' }, `${count(Math.round(maxRate))} rows/s`),
    svg(
      'svg',
      {
        viewBox: `0 -4 ${WIDTH} ${HEIGHT + 8}`,
        preserveAspectRatio: 'none',
        height: HEIGHT,
        role: 'img',
        'aria-label': `Rows per second over ${duration(buckets * interval)}: ${rates.map(({ name, total }) => `${count(total)} ${name}`).join(', ')}, maximum ${count(Math.round(maxRate))} rows per second`,
      },
      ...lines,
    ),
    el(
      'div',
      { class: 'axis', 'aria-hidden': true },
      el('span', {}, '0'),
      el('span', {}, duration((buckets * interval) / 2)),
      el('span', {}, duration(buckets * interval)),
    ),
    el(
      'details',
      {},
      el('summary', {}, 'Show as a table'),
      table(`Rows per second, in steps of ${duration(interval)}`, heads, rows, { class: 'number' }),
    ),
  );
}
