/** How far a run is, on a terminal or in lines of a log. */

import { styleText } from 'node:util';
import { MultiBar, type Options, SingleBar } from 'cli-progress';
import type { StateProgress } from '../record/run-record.ts';

/** What of a run's recorder is shown. */
interface Followed {
  readonly progress: (now: number) => StateProgress[];
}

/** Milliseconds between two looks at how far it is, on a terminal and elsewhere. */
const [LIVE_INTERVAL, PLAIN_INTERVAL] = [200, 10_000];

/** Characters of a bar, and of a state's name. */
const [BAR_WIDTH, NAME_WIDTH] = [24, 16];

const SETTINGS: Options = {
  clearOnComplete: true,
  hideCursor: true,
  gracefulExit: true,
  // The terminal's own width: a line that is longer would be drawn over two.
  linewrap: false,
};

/**
 * Shows a run: a line for each state, redrawn on a terminal, or written once it is over where the stream is none.
 */
export class RunProgress {
  readonly #stream: NodeJS.WriteStream;
  readonly #bars: MultiBar | undefined;
  readonly #lines = new Map<string, SingleBar>();
  /** States whose end was told in a plain line. */
  readonly #told = new Set<string>();
  #followed: Followed | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastPlain = Date.now();

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    if (!stream.isTTY) return;
    this.#bars = new MultiBar({
      ...SETTINGS,
      stream,
      // A line is no bar and some numbers, but made of what is known of the state.
      format: (_options, _params, { line }: { line: string }) => line,
    });
    this.#draw('starting', 'starting');
  }

  /** Begins to show a run. */
  follow(run: Followed): void {
    this.#followed = run;
    this.#timer = setInterval(() => this.#look(), LIVE_INTERVAL);
  }

  /** Shows the last of it, and takes away what was drawn. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#look();
    this.#followed = undefined;
    this.#bars?.stop();
  }

  #look(): void {
    const now = Date.now();
    const states = this.#followed?.progress(now) ?? [];
    if (this.#bars !== undefined) {
      if (states.length > 0) this.#remove('starting');
      for (const state of states) this.#draw(state.name, liveLine(state, this.#stream));
      return;
    }
    const isTime = now - this.#lastPlain >= PLAIN_INTERVAL;
    if (isTime) this.#lastPlain = now;
    for (const state of states) {
      const isOver = state.status !== 'RUNNING';
      if (isOver ? this.#told.has(state.name) : !isTime) continue;
      // A state that is entered again is told of again.
      if (isOver) this.#told.add(state.name);
      else this.#told.delete(state.name);
      this.#stream.write(`${plainLine(state)}\n`);
    }
  }

  #draw(name: string, line: string): void {
    const bar = this.#lines.get(name) ?? this.#bars?.create(1, 0, { line });
    if (bar === undefined) return;
    this.#lines.set(name, bar);
    bar.update(0, { line });
  }

  #remove(name: string): void {
    const bar = this.#lines.get(name);
    if (bar === undefined) return;
    this.#lines.delete(name);
    this.#bars?.remove(bar);
  }
}

/** What there is to say of a state, the parts that are not known left out. */
function parts({ status, milliseconds, rows, bytes = 0, totalBytes }: StateProgress): string[] {
  const time = `${(milliseconds / 1_000).toFixed(1)} s`;
  if (rows === undefined || rows === 0) return [time];
  const said = [time, `${rows.toLocaleString('en')} rows`];
  if (milliseconds > 0) {
    said.push(`${Math.round((rows / milliseconds) * 1_000).toLocaleString('en')} rows/s`);
  }
  if (status === 'RUNNING' && totalBytes !== undefined && bytes > 0) {
    said.push(`${left((milliseconds * Math.max(0, totalBytes - bytes)) / bytes)} left`);
  }
  return said;
}

/** @param milliseconds that remain */
function left(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Part of the file that a state is through with; 1 when it is over, undefined when that is not known. */
function share({ status, bytes = 0, totalBytes }: StateProgress): number | undefined {
  if (status === 'SUCCEEDED') return 1;
  return totalBytes === undefined ? undefined : Math.min(1, bytes / totalBytes);
}

const MARKS: Readonly<Record<StateProgress['status'], string>> = {
  SUCCEEDED: '✓',
  CAUGHT: '✗',
  FAILED: '✗',
  ABORTED: '■',
  RUNNING: '…',
};

/** A state's line on a terminal; without colour where NO_COLOR is set, as `styleText` looks itself. */
export function liveLine(state: StateProgress, stream: NodeJS.WriteStream): string {
  const done = share(state);
  const filled = Math.round((done ?? 0) * BAR_WIDTH);
  const bar = `${'█'.repeat(filled)}${(done === undefined ? '·' : '░').repeat(BAR_WIDTH - filled)}`;
  const colour = { SUCCEEDED: 'green', RUNNING: 'cyan' } as const;
  const style = state.status === 'SUCCEEDED' || state.status === 'RUNNING' ? colour[state.status] : 'red';
  const mark = styleText(style, MARKS[state.status], { stream });
  return `${mark} ${state.name.padEnd(NAME_WIDTH)} ${bar} ${parts(state).join(', ')}`;
}

/** A state's line in a log. */
export function plainLine(state: StateProgress): string {
  const done = share(state);
  const percent = state.status === 'RUNNING' && done !== undefined ? [`${Math.floor(done * 100)} %`] : [];
  const status = state.status === 'RUNNING' ? 'running' : state.status === 'SUCCEEDED' ? 'done' : 'failed';
  return `${state.name}: ${[status, ...percent, ...parts(state)].join(', ')}`;
}

/** A bar for a file that is read once, by this process; draws nothing where the stream is not a terminal. */
export class FileProgress {
  readonly #bar: SingleBar;
  readonly #since = Date.now();

  /** @param totalBytes of the file */
  constructor(stream: NodeJS.WriteStream, totalBytes: number) {
    this.#bar = new SingleBar({
      ...SETTINGS,
      stream,
      format: 'check {bar} {done} of {all} MB, {rows} rows, {rate} rows/s, {eta_formatted} left',
    });
    this.#bar.start(totalBytes, 0, { done: '0.0', all: megabytes(totalBytes), rows: 0, rate: 0 });
  }

  show(bytes: number, rows: number): void {
    const rate = Math.round((rows / Math.max(1, Date.now() - this.#since)) * 1_000);
    this.#bar.update(bytes, {
      done: megabytes(bytes),
      rows: rows.toLocaleString('en'),
      rate: rate.toLocaleString('en'),
    });
  }

  stop(): void {
    this.#bar.stop();
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
