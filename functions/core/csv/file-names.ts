/** Suffixes of the files that start the pipeline; the trigger's event pattern matches them in upper and lower case. */
export const CSV_SUFFIXES = ['.csv', '.csv.gz'] as const;

/** Whether a file with that name starts the pipeline. */
export function isCsvName(name: string): boolean {
  return CSV_SUFFIXES.some((suffix) => name.toLowerCase().endsWith(suffix));
}
