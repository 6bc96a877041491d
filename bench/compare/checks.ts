/** What the measurements must keep to. */

import type { Measurement } from '../measure/measure.ts';

/** Bytes of a file from which on planning may read no more than this part of it. */
const [LARGE_FILE, PLANNED_PART] = [0.99e9, 0.01];

/** Bytes that a function may have resident. */
const MAX_MEMORY = 256 * 1024 ** 2;

/**
 * How many times the memory that they have with the smallest file these functions may have with the largest. They read
 * every byte of either; to cut a file of one chunk there is nothing to do that could be compared.
 */
const [MAX_GROWTH, READERS] = [1.1, ['validate-csv', 'load-to-dynamodb']];

/** Bytes of a state: far below the 256 KiB that Step Functions takes. */
const MAX_PAYLOAD = 200_000;

/** @returns what is not as it should be, in words; empty when all is. */
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
    `${planBytes} bytes were read to plan, more than the ${planBytesAllowed} of the windows`,
  );
  unless(
    size < LARGE_FILE || planBytes <= size * PLANNED_PART,
    `${planBytes} bytes were read to plan, more than ${PLANNED_PART * 100} %`,
  );
  unless(largestPayload <= MAX_PAYLOAD, `a payload has ${largestPayload} bytes, more than ${MAX_PAYLOAD}`);
  unless(!retries, 'a state failed and was retried');
  const { read, loaded, written, rejected, duplicates, writtenAgain } = counts;
  unless(
    [read, loaded, written].every((count) => count === rows) && rejected + duplicates + writtenAgain === 0,
    `the file has ${rows} rows, and the counts are ${JSON.stringify(counts)}`,
  );
  for (const [name, { peakBytes }] of Object.entries(functions)) {
    unless(
      peakBytes < MAX_MEMORY,
      `${name} had ${megabytes(peakBytes)} MB, more than ${megabytes(MAX_MEMORY)}`,
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
      `${name} had ${megabytes(before)} MB with the smallest file and ${megabytes(peakBytes)} MB with the largest, ${percent(peakBytes / before - 1)} more`,
    ];
  });
}

/** A number of bytes in MB as Lambda counts them, which are MiB. */
export function megabytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0);
}

/** A part of 1 as per cent. */
export function percent(part: number): string {
  return `${(part * 100).toPrecision(2)} %`;
}
