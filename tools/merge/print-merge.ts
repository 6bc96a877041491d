/** Prints the result of a merge for a person to read. */

import type { Merged } from './merge.ts';

/** The summary of a merge. */
export function mergeSummary({ file, out, dataset, replaced, unchanged, tooLong }: Merged): string {
  const stay = [
    ...(unchanged > 0 ? [`${rows(unchanged)} of the report not corrected`] : []),
    ...(tooLong > 0 ? [`${rows(tooLong)} too long to be corrected in the report`] : []),
  ];
  const lines = [
    `${out}: ${file} with ${rows(replaced)} replaced.`,
    ...(stay.length === 0 ? [] : [`As before: ${stay.join(', ')}.`]),
    `To check it: npx csv-pipeline check ${out} --dataset ${dataset}`,
  ];
  return `${lines.join('\n')}\n`;
}

function rows(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'row' : 'rows'}`;
}
