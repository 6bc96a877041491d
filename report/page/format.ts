/** How numbers and outcomes read. */

import type { Outcome } from '../record/run-record.ts';

export function count(value: number): string {
  return value.toLocaleString('en');
}

/** @param milliseconds null where it is not known */
export function duration(milliseconds: number | null): string {
  if (milliseconds === null) return '–';
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(2)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${rest} s`;
}

export function dollars(value: number): string {
  if (value === 0) return '$0';
  return value < 0.01 ? `$${value.toPrecision(2)}` : `$${value.toFixed(2)}`;
}

/** A moment in the reader's own time zone. */
export function moment(at: number): string {
  return new Date(at).toLocaleString();
}

interface Look {
  /** What a screen reader, and the legend, says. */
  readonly words: string;
  /** Beside the colour, so that the outcome is not told by colour alone. */
  readonly symbol: string;
  readonly style: string;
}

const LOOKS: Readonly<Record<Outcome, Look>> = {
  SUCCEEDED: { words: 'succeeded', symbol: '✓', style: 'succeeded' },
  CAUGHT: { words: 'failed, and was caught', symbol: '!', style: 'caught' },
  FAILED: { words: 'failed', symbol: '✗', style: 'failed' },
  ABORTED: { words: 'was stopped', symbol: '■', style: 'aborted' },
  RUNNING: { words: 'is under way', symbol: '…', style: 'running' },
};

/** How an outcome looks; undefined is that of a state that was not entered. */
export function look(outcome: Outcome | undefined): Look {
  return outcome === undefined ? { words: 'was not entered', symbol: '', style: 'idle' } : LOOKS[outcome];
}

export const OUTCOMES: readonly (Outcome | undefined)[] = [
  'SUCCEEDED',
  'CAUGHT',
  'FAILED',
  'ABORTED',
  'RUNNING',
  undefined,
];

/** An outcome in words, with its symbol. */
export function outcomeText(outcome: Outcome | undefined): string {
  const { symbol, words } = look(outcome);
  return `${symbol} ${words}`.trim();
}
