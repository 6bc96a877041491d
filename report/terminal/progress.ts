/** Shows the progress of a run, on a terminal or as log lines. */

import { styleText } from 'node:util';
import { MultiBar, type Options, SingleBar } from 'cli-progress';
import type { StateProgress } from '../record/run-record.ts';

/** The part of a run's recorder that is shown. */
interface Followed {
  readonly progress: (now: number) => StateProgress[];
}

/** Milliseconds between updates on a terminal. */
const LIVE_INTERVAL = 200;

/** Milliseconds between log lines about the running states. */
const PLAIN_INTERVAL = 10_000;

/** Characters of a bar. */
const BAR_WIDTH = 24;

/** Characters to which a state's name is padded. */
const NAME_WIDTH = 16;

const SETTINGS: Options = {
  clearOnComplete: true,
  hideCursor: true,
  gracefulExit: true,
  // The bars are truncated to the terminal's width, because a wrapped line could not be redrawn.
  linewrap: false,
};

/** Shows a line for each state. On a terminal the lines are redrawn; elsewhere a line is written when a state ends. */
export class RunProgress {
  readonly #stream: NodeJS.WriteStream;
  readonly #bars: MultiBar | undefined;
  readonly #lines = new Map<string, SingleBar>();
  /** States whose end has been written as a plain line. */
  readonly #written = new Set<string>();
  #followed: Followed | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastPlain = Date.now();

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    if (!stream.isTTY) return;
    this.#bars = new MultiBar({
      ...SETTINGS,
      stream,
      // The line is formatted from the state, not from the bar's own values.
      format: (_options, _params, { line }: { line: string }) => line,
    });
    this.#draw('starting', 'starting');
  }

  /** Starts to show a run. */
  follow(run: Followed): void {
    this.#followed = run;
    this.#timer = setInterval(() => this.#update(), LIVE_INTERVAL);
  }

  /** Shows the final progress, and clears the bars. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#update();
    this.#followed = undefined;
    this.#bars?.stop();
  }

  #update(): void {
    const now = Date.now();
    const states = this.#followed?.progress(now) ?? [];
    if (this.#bars !== undefined) {
      if (states.length > 0) this.#remove('starting');
      for (const state of states) this.#draw(state.name, liveLine(state, this.#stream));
      return;
    }
    const isDue = now - this.#lastPlain >= PLAIN_INTERVAL;
    if (isDue) this.#lastPlain = now;
    for (const state of states) {
      const hasEnded = state.status !== 'RUNNING';
      if (hasEnded ? this.#written.has(state.name) : !isDue) continue;
      // A state that is entered again gets another line when it ends.
      if (hasEnded) this.#written.add(state.name);
      else this.#written.delete(state.name);
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

/** Time, rows, rate and remaining time of a state, as far as they are known. */
function parts({ status, milliseconds, rows, bytes = 0, totalBytes }: StateProgress): string[] {
  const time = `${(milliseconds / 1_000).toFixed(1)} s`;
  if (rows === undefined || rows === 0) return [time];
  const known = [time, `${rows.toLocaleString('en')} rows`];
  if (milliseconds > 0) {
    known.push(`${Math.round((rows / milliseconds) * 1_000).toLocaleString('en')} rows/s`);
  }
  if (status === 'RUNNING' && totalBytes !== undefined && bytes > 0) {
    known.push(`${remaining((milliseconds * Math.max(0, totalBytes - bytes)) / bytes)} left`);
  }
  return known;
}

/** @param milliseconds the remaining time */
function remaining(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The fraction of the file that a state has processed: 1 if it succeeded, undefined if it is not known. */
function fractionDone({ status, bytes = 0, totalBytes }: StateProgress): number | undefined {
  if (status === 'SUCCEEDED') return 1;
  return totalBytes === undefined ? undefined : Math.min(1, bytes / totalBytes);
}

const LOOKS = {
  SUCCEEDED: { mark: '✓', colour: 'green' },
  CAUGHT: { mark: '✗', colour: 'red' },
  FAILED: { mark: '✗', colour: 'red' },
  ABORTED: { mark: '■', colour: 'red' },
  RUNNING: { mark: '…', colour: 'cyan' },
} as const;

/** A state's line on a terminal. `styleText` leaves out the colour if NO_COLOR is set. */
export function liveLine(state: StateProgress, stream: NodeJS.WriteStream): string {
  const done = fractionDone(state);
  const filled = Math.round((done ?? 0) * BAR_WIDTH);
  const bar = `${'█'.repeat(filled)}${(done === undefined ? '·' : '░').repeat(BAR_WIDTH - filled)}`;
  const { mark, colour } = LOOKS[state.status];
  return `${styleText(colour, mark, { stream })} ${state.name.padEnd(NAME_WIDTH)} ${bar} ${parts(state).join(', ')}`;
}

/** A state's line in a log. */
export function plainLine(state: StateProgress): string {
  const done = fractionDone(state);
  const percent = state.status === 'RUNNING' && done !== undefined ? [`${Math.floor(done * 100)} %`] : [];
  const status = state.status === 'RUNNING' ? 'running' : state.status === 'SUCCEEDED' ? 'done' : 'failed';
  return `${state.name}: ${[status, ...percent, ...parts(state)].join(', ')}`;
}

/** A bar for a file that this process reads. It draws nothing if the stream is not a terminal. */
export class FileProgress {
  readonly #bar: SingleBar;
  readonly #since = Date.now();

  /** @param totalBytes size of the file */
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
