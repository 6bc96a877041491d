/**
 * Compares all ranges of a file's keys with the index of its feed, one after the other, as CompareIndex does. It has a
 * process of its own, whose memory is measured. The arguments are the event, without its range, and the ranges, as JSON.
 */

import { text } from '../../functions/core/dataset/columns.ts';
import { dataset } from '../../functions/core/dataset/dataset.ts';
import type { Chunk, ComparedRange, CompareEvent } from '../../functions/core/messages.ts';
import { compareIndex, withCompareCounts } from '../../functions/core/steps/compare-index.ts';
import { s3Client } from '../../functions/core/storage/aws.ts';

/** A dataset whose table follows its files. */
const followed = dataset({
  name: 'followed',
  columns: { id: text() },
  key: 'ROW#{id}',
  load: { mode: 'replace', feed: 'object' },
});

export interface CompareArguments {
  readonly event: Omit<CompareEvent, 'chunk'>;
  readonly ranges: readonly Chunk[];
}

/** The result, and the processor time that it took, in seconds. */
export interface CompareOutcome {
  readonly compared: readonly ComparedRange[];
  readonly cpuSeconds: number;
}

if (import.meta.main) {
  const { event, ranges }: CompareArguments = JSON.parse(process.argv[2] ?? '');
  const s3 = s3Client();
  const compared: ComparedRange[] = [];
  const cpu = process.cpuUsage();
  for (const { start, end } of ranges) {
    const chunk = withCompareCounts({ start, end });
    compared.push(
      await compareIndex(s3, { ...event, chunk }, followed, {
        reportsBucket: 'reports',
        hasTime: () => true,
        verifyUnfinished: async () => undefined,
      }),
    );
  }
  const { user, system } = process.cpuUsage(cpu);
  const outcome: CompareOutcome = { compared, cpuSeconds: (user + system) / 1e6 };
  process.on('disconnect', () => process.exit());
  process.send?.(outcome);
}
