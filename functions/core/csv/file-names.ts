/** How the names of files end that start the pipeline; the trigger's event pattern has these suffixes, in any case. */
export const CSV_SUFFIXES = ['.csv', '.csv.gz'] as const;

/** Whether a file of that name starts the pipeline. */
export function isCsvName(name: string): boolean {
  return CSV_SUFFIXES.some((suffix) => name.toLowerCase().endsWith(suffix));
}
