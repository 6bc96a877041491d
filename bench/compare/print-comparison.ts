/** The figures of a benchmark run as tables for a person. */

import { textTable as table } from '../../report/terminal/table.ts';
import { megabytes, rounded } from './checks.ts';
import { type Bound, type ColdStart, type Comparison, median, rates, ratios } from './comparison.ts';

export function comparisonTable(comparison: Comparison, bounds: Readonly<Record<string, Bound>>): string {
  const {
    machine,
    loadAverage,
    versions,
    bytes,
    rows,
    series,
    rowMemory,
    coldStarts,
    bundles,
    synth,
    waits,
    absent,
  } = comparison;
  const seconds = (values: readonly number[]) => median(values).toFixed(2);
  const times = (each: ColdStart) => [each.name, seconds(each.cpuSeconds), seconds(each.wallSeconds)];
  const waited = waits.map((each) => [each.name, seconds(each.seconds)]);
  const parts = [
    `${machine.processors}, ${machine.memoryGb} GB, ${machine.system}; load average ${loadAverage.toFixed(1)} before the run`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    `Medians for a file of ${rounded(bytes)} bytes with ${rounded(rows)} rows`,
    table(
      ['', 'does', 'rows per CPU-second', 'peak MB'],
      series.map((each) => [
        each.name,
        each.does,
        rounded(median(rates(each, rows))),
        megabytes(median(each.rounds.map(({ peakBytes }) => peakBytes))),
      ]),
    ),
    table(
      ['bytes of a row', 'validate-csv, peak MB', 'load-to-dynamodb, peak MB'],
      rowMemory.map(({ rowBytes, validatePeakBytes, loadPeakBytes }) => [
        rounded(rowBytes),
        megabytes(validatePeakBytes),
        megabytes(loadPeakBytes),
      ]),
    ),
    table(['cold start', 'CPU seconds', 'seconds'], coldStarts.map(times)),
    table(
      ['function', 'code, KB', 'zip, KB'],
      bundles.map(({ name, code, zip }) => [name, rounded(code / 1_000), rounded(zip / 1_000)]),
    ),
    table(['synth', 'CPU seconds', 'seconds'], synth.map(times)),
    ...(waits.length === 0 ? [] : [table(['command', 'seconds'], waited)]),
    table(
      ['ratio', 'measured', 'bound'],
      Object.entries(ratios(comparison)).map(([name, ratio]) => {
        const { atLeast, atMost } = bounds[name] ?? {};
        const bound = atLeast !== undefined ? `>= ${atLeast}` : atMost !== undefined ? `<= ${atMost}` : '';
        return [name, ratio.toFixed(2), bound];
      }),
    ),
    ...absent.map(({ name, why }) => `Not measured: ${name}, because ${why}.`),
  ];
  return parts.join('\n\n');
}
