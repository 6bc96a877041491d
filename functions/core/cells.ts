/**
 * Kinds of cells for the row contract: zod schemas from a cell's text to the value that is stored. No message
 * carries the cell itself, since messages end in the execution's history.
 */

import { NumberValue } from '@aws-sdk/lib-dynamodb';
import { z } from 'zod';

/** Why a cell is rejected; `invalid` is for rules of your own that name no code. */
const cellCodes = [
  'empty',
  'too_long',
  'not_a_decimal',
  'number_out_of_range',
  'not_a_date',
  'invalid',
] as const;

export type CellCode = (typeof cellCodes)[number];

/** The code that a cell's schema gave to an issue. */
export function cellCode(issue: z.core.$ZodIssue): CellCode {
  const code: unknown = issue.code === 'custom' ? issue.params?.code : undefined;
  return cellCodes.find((candidate) => candidate === code) ?? 'invalid';
}

/** Digits that DynamoDB keeps of a number; source: "Data types", DynamoDB developer guide. */
const MAX_DIGITS = 38;

/** Powers of ten of a number's first digit that DynamoDB takes: 1E-130 to 9.99…E+125; source: as above. */
const [MIN_POWER, MAX_POWER] = [-130, 125];

/** Makes zod's issue for a cell. */
function refuse(code: CellCode, message: string) {
  return { code: 'custom' as const, params: { code }, message };
}

/** Text, trimmed, not empty. */
export function text() {
  return z
    .string()
    .trim()
    .superRefine((cell, context) => {
      if (cell === '') context.addIssue(refuse('empty', 'is empty'));
    });
}

/** Trimmed text that is part of a key: not empty, and short enough for the key with `prefix` before it. */
export function keyText(prefix: string) {
  // Source: 2,048 bytes for a partition key, "Service, account, and table quotas", DynamoDB developer guide.
  const maxBytes = 2_048 - Buffer.byteLength(prefix);
  return text().superRefine((cell, context) => {
    if (Buffer.byteLength(cell) > maxBytes) {
      context.addIssue(refuse('too_long', `has more than the ${maxBytes} bytes that fit in a key`));
    }
  });
}

/** A decimal number with an optional sign, fraction and exponent, stored with all its digits. */
export function decimal() {
  return z
    .string()
    .trim()
    .transform((cell, context) => {
      if (cell === '') {
        context.addIssue(refuse('empty', 'is empty'));
        return z.NEVER;
      }
      const match = /^([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,6}))?$/.exec(cell);
      if (match === null) {
        context.addIssue(
          refuse(
            'not_a_decimal',
            'is not a decimal number such as -12.50; no separators, currency signs or blanks',
          ),
        );
        return z.NEVER;
      }
      const [, sign = '', mantissa = '', exponent = '0'] = match;
      const number = normalise(mantissa, Number(exponent));
      if (number === undefined) {
        context.addIssue(
          refuse(
            'number_out_of_range',
            `has more than ${MAX_DIGITS} significant digits or is beyond DynamoDB's range`,
          ),
        );
        return z.NEVER;
      }
      return NumberValue.from(sign === '-' && number !== '0' ? `-${number}` : number);
    });
}

/** The shortest plain text of a number, or with an exponent where it would have many zeros. */
function normalise(mantissa: string, exponent: number): string | undefined {
  const [whole = '', fraction = ''] = mantissa.split('.');
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  if (digits === '') return '0';
  /** The number is 0.DIGITS times ten to this power. */
  const point = all.length - fraction.length + exponent;
  if (digits.length > MAX_DIGITS || point - 1 < MIN_POWER || point - 1 > MAX_POWER) return undefined;
  if (point > MAX_DIGITS || point < 1 - MAX_DIGITS) {
    return `${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}E${point - 1}`;
  }
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  return point >= digits.length
    ? digits.padEnd(point, '0')
    : `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** A day that exists, written `YYYY-MM-DD`; stored as that day's midnight, without a time zone. */
export function isoDate() {
  return z
    .string()
    .trim()
    .transform((cell, context) => {
      if (cell === '') {
        context.addIssue(refuse('empty', 'is empty'));
        return z.NEVER;
      }
      const midnight = `${cell}T00:00:00`;
      const instant = /^\d{4}-\d{2}-\d{2}$/.test(cell) ? Date.parse(`${midnight}Z`) : Number.NaN;
      // Date.parse moves 30 February to March.
      if (Number.isNaN(instant) || !new Date(instant).toISOString().startsWith(midnight)) {
        context.addIssue(refuse('not_a_date', 'is not a day written YYYY-MM-DD'));
        return z.NEVER;
      }
      return midnight;
    });
}
