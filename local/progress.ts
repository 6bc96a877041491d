/** How far an execution is, drawn on a terminal. */

import { SingleBar } from 'cli-progress';
import { z } from 'zod';

/** What a function logs every few seconds about the chunk that it is in. */
const progressLine = z.object({
  message: z.literal('progress'),
  phase: z.string(),
  start: z.number(),
  rows: z.number(),
  bytes: z.number(),
});

/** What a function returns about the chunk that it was given; `loaded` only where it wrote the chunk's rows. */
const chunkResult = z.object({
  start: z.number(),
  end: z.number(),
  read: z.number(),
  loaded: z.number().optional(),
});

/** A bar for the phase that is under way; draws nothing where the stream is not a terminal. */
export class Progress {
  readonly #bar: SingleBar;
  /** How far each chunk is, by the phase and the chunk's first byte. */
  readonly #phases = new Map<string, Map<number, { readonly rows: number; readonly bytes: number }>>();

  /** @param totalBytes of the file, which each phase reads once */
  constructor(stream: NodeJS.WriteStream, totalBytes: number) {
    this.#bar = new SingleBar({
      stream,
      clearOnComplete: true,
      hideCursor: true,
      gracefulExit: true,
      format: '{phase} {bar} {done} of {all} MB, {rows} rows',
    });
    this.#bar.start(totalBytes, 0, { phase: 'starting', done: '0.0', all: megabytes(totalBytes), rows: 0 });
  }

  /** Takes a function's log line, of which there are others than those about progress. */
  logLine(line: string): void {
    if (!line.includes('"progress"')) return;
    const { success, data } = progressLine.safeParse(parsed(line));
    if (success) this.#show(data.phase, data.start, data);
  }

  /** Takes the result of a task, of which there are others than those about a chunk. */
  result(payload: unknown): void {
    const { success, data } = chunkResult.safeParse(payload);
    if (!success) return;
    const phase = data.loaded === undefined ? 'validate' : 'load';
    this.#show(phase, data.start, { rows: data.read, bytes: data.end - data.start });
  }

  /** Shows the whole file as one. */
  whole(phase: string, bytes: number, rows: number): void {
    this.#show(phase, 0, { rows, bytes });
  }

  stop(): void {
    this.#bar.stop();
  }

  #show(phase: string, start: number, chunk: { readonly rows: number; readonly bytes: number }): void {
    const chunks = this.#phases.get(phase) ?? new Map<number, { rows: number; bytes: number }>();
    this.#phases.set(phase, chunks.set(start, chunk));
    const sum = (field: 'rows' | 'bytes') => chunks.values().reduce((total, each) => total + each[field], 0);
    const bytes = sum('bytes');
    this.#bar.update(bytes, { phase, done: megabytes(bytes), rows: sum('rows').toLocaleString('en') });
  }
}

/** The line as JSON; undefined when it is none. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
