import type { RemoveEvent } from '../../../../functions/core/messages.ts';
import { type RemovalMark, removeMissing } from '../../../../functions/core/steps/remove-missing.ts';
import type { TableWriter } from '../../../../functions/core/table/table-writer.ts';
import { writeRemovedKeys } from '../../../../functions/core/working/removed-keys.ts';
import { memoryS3 } from '../../../support/memory-s3.ts';
import { PK_AND_SK } from '../../../support/table-key.ts';

const memory = memoryS3();

const location = { bucket: 'b', execution: 'e', load: '2-e' };
const lists = [1_500, 1, 0, 700];
const keyOf = (list: number, key: number) => `ключ-${list}-${key}`;

/** Confirms all but the last `lost` of the deletes that it gets. */
class Deletes implements Pick<TableWriter<RemovalMark>, 'put' | 'close' | 'stop'> {
  readonly keys: string[] = [];
  readonly #marks: RemovalMark[] = [];
  readonly #lost: number;

  constructor(lost: number) {
    this.#lost = lost;
  }

  put({ pk, sk }: { readonly pk: string; readonly sk?: string }, mark: RemovalMark): undefined {
    this.keys.push(sk === undefined ? pk : `${pk} ${sk}`);
    this.#marks.push(mark);
  }

  async close(mark: RemovalMark) {
    const confirmed = this.keys.length - this.#lost;
    return {
      loaded: 0,
      deleted: confirmed,
      mark: this.#lost === 0 ? mark : (this.#marks[confirmed - 1] ?? mark),
    };
  }

  async stop() {}
}

test.each([
  ['in one invocation', Number.POSITIVE_INFINITY, 0],
  ['in many, some of whose deletes are not confirmed', 3, 3],
])('every key is deleted, and counted once, %s', async (_, checks, lost) => {
  for (const [list, keys] of lists.entries()) {
    const removed = Array.from(
      { length: keys },
      (_each, key) => `${keyOf(list, key)}\0${key % 2 ? 's' : 't'}`,
    );
    const bytes = removed.map((key) => Buffer.from(key).toString('latin1'));
    if (keys > 0) await writeRemovedKeys(memory.s3, location, `${list}`, bytes);
  }
  const expected = lists.reduce((sum, keys) => sum + keys, 0);
  const event: Omit<RemoveEvent, 'removal'> = {
    ...location,
    source: { bucket: 's', key: 'k', etag: 'e', size: 1, uploaded: '' },
    format: {
      dataset: 'd',
      compression: 'none',
      encoding: 'utf-8',
      size: 1,
      delimiter: ',',
      width: 1,
      isPadded: false,
      columns: [],
      headerEnd: 0,
      headerLines: 0,
      ignored: [],
      warnings: [],
    },
    feed: null,
  };
  let removal = { done: false, expected, removed: 0, list: 0, key: 0, forgets: false };
  const deleted = new Set<string>();
  let invocations = 0;
  for (; !removal.done && invocations < 20; invocations += 1) {
    let left = checks;
    const writer = new Deletes(removal.removed + 2_000 > expected ? 0 : lost);
    const hasTime = () => {
      left -= 1;
      return left > 0;
    };
    const settings = { reportsBucket: 'b', hasTime };
    removal = await removeMissing(memory.s3, writer, { ...event, removal }, PK_AND_SK, settings);
    for (const key of writer.keys) deleted.add(key);
  }
  expect(invocations > 1).toBe(lost > 0);
  expect(removal.removed).toBe(expected);
  expect(deleted.size).toBe(expected);
  expect([...deleted].slice(0, 2)).toEqual([`${keyOf(0, 0)} t`, `${keyOf(0, 1)} s`]);
});
