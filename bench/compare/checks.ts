/** The limits that measurements must meet. */

import type { Measurement } from '../measure/measure.ts';

/** The size, in bytes, from which a file counts as large. */
const LARGE_FILE_BYTES = 0.99e9;

/** The share of a large file that may be read to plan its chunks. */
const MAX_PLANNED_SHARE = 0.01;

/** The most resident memory of a function, in bytes. */
const MAX_MEMORY_BYTES = 256 * 1024 ** 2;

/** The functions that read every byte of a file, and whose memory can therefore be compared between files. */
const READERS = ['validate-csv', 'load-to-dynamodb'];

/** The most memory that a reader may use for the largest file, as a multiple of its memory for the smallest. */
const MAX_GROWTH = 1.1;

/** The largest payload of a state, in bytes: well below the 256 KiB that Step Functions allows. */
const MAX_PAYLOAD_BYTES = 200_000;

/** @returns a message for each limit that is not met; empty if all are. */
export function problemsOf(measurements: readonly Measurement[]): string[] {
  const [smallest] = measurements;
  const largest = measurements.at(-1);
  if (smallest === undefined || largest === undefined) return ['Nothing was measured.'];
  return [...measurements.flatMap(problemsOfOne), ...growth(smallest, largest)];
}

function problemsOfOne(measurement: Measurement): string[] {
  const { size, rows, counts, planBytes, planBytesAllowed, largestPayload, retries, functions } = measurement;
  const problems: string[] = [];
  const unless = (isRight: boolean, problem: string) => {
    if (!isRight) problems.push(`${size} bytes: ${problem}`);
  };
  unless(
    planBytes <= planBytesAllowed,
    `${planBytes} bytes were read to plan, more than the ${planBytesAllowed} bytes of the windows`,
  );
  unless(
    size < LARGE_FILE_BYTES || planBytes <= size * MAX_PLANNED_SHARE,
    `${planBytes} bytes were read to plan, more than ${MAX_PLANNED_SHARE * 100} %`,
  );
  unless(
    largestPayload <= MAX_PAYLOAD_BYTES,
    `a payload has ${largestPayload} bytes, more than ${MAX_PAYLOAD_BYTES}`,
  );
  unless(!retries, 'a state failed and was retried');
  const { read, loaded, written, rejected, duplicates, writtenAgain } = counts;
  unless(
    [read, loaded, written].every((count) => count === rows) && rejected + duplicates + writtenAgain === 0,
    `the file has ${rows} rows, but the counts are ${JSON.stringify(counts)}`,
  );
  for (const [name, { peakBytes }] of Object.entries(functions)) {
    unless(
      peakBytes < MAX_MEMORY_BYTES,
      `${name} used ${megabytes(peakBytes)} MB, and must stay below ${megabytes(MAX_MEMORY_BYTES)} MB`,
    );
  }
  return problems;
}

function growth(smallest: Measurement, largest: Measurement): string[] {
  return READERS.flatMap((name) => {
    const [before, peakBytes] = [smallest, largest].map(({ functions }) => functions[name]?.peakBytes);
    if (before === undefined || peakBytes === undefined) return [`${name} was not measured`];
    if (peakBytes <= before * MAX_GROWTH) return [];
    return [
      `${name} used ${megabytes(before)} MB for the smallest file and ${megabytes(peakBytes)} MB for the largest, ${percent(peakBytes / before - 1)} more`,
    ];
  });
}

/** Bytes as whole MB. Lambda's MB are MiB. */
export function megabytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0);
}

/** A number without decimal places, and with commas between the thousands. */
export function rounded(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** A share of 1 as a percentage. */
export function percent(part: number): string {
  return `${(part * 100).toPrecision(2)} %`;
}
