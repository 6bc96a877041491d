/** The codes of rejected rows: the report's `_code` column, and docs/reject-codes.md, which is made of this list. */

import * as z from 'zod/mini';

interface Code {
  /** What is wrong with the row or the cell. */
  readonly meaning: string;
  /** What the person who has the file does about it. */
  readonly remedy: string;
}

export const REJECT_CODES = {
  too_few_fields: {
    meaning: 'The row has fewer fields than the header.',
    remedy: 'Add what is missing; where a cell is to be empty, its delimiter stands nevertheless.',
  },
  too_many_fields: {
    meaning: 'The row has more fields than the header.',
    remedy: 'Put a cell with the delimiter in it in quotes, or take the surplus out.',
  },
  stray_quote: {
    meaning:
      'A quote stands within a field that is not quoted, or text behind the closing quote of one that is.',
    remedy: 'Put the whole field in quotes, and write each quote in it twice.',
  },
  unclosed_quote: {
    meaning: 'A quoted field does not end where it should: its closing quote is missing.',
    remedy: 'Close the field, or take the opening quote away.',
  },
  record_too_long: {
    meaning: 'The row has more than 409,600 bytes, as many as an item of DynamoDB may have.',
    remedy: 'Look for a quote or a line break that is missing; or keep what is so large elsewhere.',
  },
  invalid_encoding: {
    meaning: 'A byte of the row is no character in the encoding of the file.',
    remedy: 'Save the file as "CSV UTF-8"; or let the dataset name the encoding that it has.',
  },
  nul_byte: {
    meaning: 'The row holds a NUL byte, as only damaged files do.',
    remedy: 'Export the file once more.',
  },
  empty: {
    meaning: 'The cell is empty, and its column takes no empty cells.',
    remedy: 'Fill it; or let the dataset say what an empty cell of the column becomes.',
  },
  too_long: {
    meaning: 'The cells that make up the key have more bytes than a key of DynamoDB may have.',
    remedy: 'Shorten them.',
  },
  not_a_decimal: {
    meaning: 'The cell is no decimal number as its column writes them.',
    remedy:
      'Write digits, a sign and a decimal point alone, or what the dataset declares; no currency sign or unit.',
  },
  not_an_integer: {
    meaning: 'The cell is no whole number.',
    remedy: 'Write digits and a sign alone.',
  },
  number_out_of_range: {
    meaning: "The number has more than 38 significant digits, or is beyond DynamoDB's range.",
    remedy: 'Round it, or make the column text.',
  },
  not_a_boolean: {
    meaning: "The cell is none of the words that the column has for 'yes' and 'no'.",
    remedy: 'Use one of the words that the reason lists.',
  },
  not_a_date: {
    meaning: 'The cell is no date or time in the format of its column, or there is no such day.',
    remedy: 'Write it in the format that the reason names; let a spreadsheet format the column so.',
  },
  not_in_list: {
    meaning: 'The cell is none of the values that its column may have.',
    remedy: 'Use one of the values that the reason lists, in the same case.',
  },
  invalid: {
    meaning: "The cell breaks a rule of the dataset's own.",
    remedy: 'Follow the reason.',
  },
  duplicate_key: {
    meaning: 'Another row of the file has the same key, and the dataset takes no duplicates.',
    remedy: 'Keep one of the rows, or give them different keys.',
  },
  item_too_large: {
    meaning: 'The row would make an item of more than 400 KB, which DynamoDB does not take.',
    remedy: 'Shorten its cells, or keep what is so large elsewhere.',
  },
} as const satisfies Readonly<Record<string, Code>>;

export type RejectCode = keyof typeof REJECT_CODES;

/** Schema of a code. */
export const rejectCode = z.custom<RejectCode>(
  (value) => typeof value === 'string' && Object.hasOwn(REJECT_CODES, value),
);
