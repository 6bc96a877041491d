/** Sorts more lines than fit into memory: it writes sorted runs to disk and merges them at the end. */

import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';

/** The bytes of lines that are held in memory. With the overhead of each line, they take a few times as much memory. */
const RUN_BYTES = 8 * 1024 * 1024;

interface Line {
  /** Lines are sorted by these bytes. */
  readonly key: Buffer;
  readonly text: string;
}

export class SortedLines {
  readonly #directory: string;
  readonly #keyOf: (text: string) => string;
  readonly #runs: string[] = [];
  #held: Line[] = [];
  #bytes = 0;

  /**
   * @param directory an existing folder for the runs
   * @param keyOf returns the sort key of a line; the line contains no newline
   */
  constructor(directory: string, keyOf: (text: string) => string) {
    this.#directory = directory;
    this.#keyOf = keyOf;
  }

  async add(text: string): Promise<void> {
    this.#held.push(this.#line(text));
    this.#bytes += text.length;
    if (this.#bytes < RUN_BYTES) return;
    const run = join(this.#directory, `run-${this.#runs.length}`);
    await writeLines(run, this.#sortedHeld());
    this.#runs.push(run);
    this.#held = [];
    this.#bytes = 0;
  }

  /** Writes all lines to a file, in order. */
  async write(file: string): Promise<void> {
    const runs = this.#runs.map((run) => this.#readRun(run));
    await writeLines(file, merged([...runs, this.#sortedHeld()]));
  }

  #sortedHeld(): Line[] {
    return this.#held.sort((a, b) => Buffer.compare(a.key, b.key));
  }

  #line(text: string): Line {
    return { key: Buffer.from(this.#keyOf(text)), text };
  }

  async *#readRun(file: string): AsyncGenerator<Line> {
    let rest = '';
    for await (const chunk of createReadStream(file, 'utf8')) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const text of lines) yield this.#line(text);
    }
  }
}

async function* merged(sources: readonly (AsyncIterable<Line> | Iterable<Line>)[]): AsyncGenerator<Line> {
  const iterators = sources.map((source) =>
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator](),
  );
  const heads = await Promise.all(
    iterators.map(async (iterator) => ({ iterator, head: await iterator.next() })),
  );
  for (;;) {
    let least: (typeof heads)[number] | undefined;
    for (const each of heads) {
      if (each.head.done) continue;
      if (least === undefined || Buffer.compare(each.head.value.key, least.head.value.key) < 0) least = each;
    }
    if (least === undefined) return;
    yield least.head.value;
    least.head = await least.iterator.next();
  }
}

async function writeLines(file: string, lines: AsyncIterable<Line> | Iterable<Line>): Promise<void> {
  const stream = createWriteStream(file);
  for await (const { text } of lines) {
    if (!stream.write(`${text}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}
