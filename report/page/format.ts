/** Formats numbers, times and outcomes. */

import type { Outcome, Span } from '../record/run-record.ts';

export function count(value: number): string {
  return value.toLocaleString('en');
}

/** For example `1 retry` and `1,000 retries`. */
export function counted(value: number, one: string, many: string): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** @param milliseconds null if the duration is not known */
export function duration(milliseconds: number | null): string {
  if (milliseconds === null) return '–';
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(2)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${rest} s`;
}

/** The duration of what may still be running. */
export function lengthOf({ since, until }: Span): string {
  return duration(until === null ? null : until - since);
}

export function dollars(value: number): string {
  if (value === 0) return '$0';
  return value < 0.01 ? `$${value.toPrecision(2)}` : `$${value.toFixed(2)}`;
}

/**
 * A moment in the reader's time zone.
 * @param at milliseconds since 1970
 */
export function moment(at: number): string {
  return new Date(at).toLocaleString();
}

interface Look {
  /** Text for screen readers and the legend. */
  readonly words: string;
  /** Shows the outcome without relying on colour. */
  readonly symbol: string;
  /** Class of the style sheet. */
  readonly style: string;
}

const LOOKS: Readonly<Record<Outcome, Look>> = {
  SUCCEEDED: { words: 'succeeded', symbol: '✓', style: 'succeeded' },
  CAUGHT: { words: 'failed, caught', symbol: '!', style: 'caught' },
  FAILED: { words: 'failed', symbol: '✗', style: 'failed' },
  ABORTED: { words: 'aborted', symbol: '■', style: 'aborted' },
  RUNNING: { words: 'running', symbol: '…', style: 'running' },
};

/** How an outcome looks. Undefined stands for a state that was not entered. */
export function look(outcome: Outcome | undefined): Look {
  return outcome === undefined ? { words: 'not entered', symbol: '', style: 'idle' } : LOOKS[outcome];
}

export const OUTCOMES: readonly (Outcome | undefined)[] = [
  'SUCCEEDED',
  'CAUGHT',
  'FAILED',
  'ABORTED',
  'RUNNING',
  undefined,
];

/** An outcome's symbol and words. */
export function outcomeText(outcome: Outcome | undefined): string {
  const { symbol, words } = look(outcome);
  return `${symbol} ${words}`.trim();
}

/** The label of a count of rows: `Rows read`, `Rows in the footer`. */
export function countLabel(what: string): string {
  if (what === 'blank') return 'Blank rows';
  return what === 'footer' ? 'Rows in the footer' : `Rows ${what}`;
}
