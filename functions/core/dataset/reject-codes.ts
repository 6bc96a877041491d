/** The codes of rejected rows, as in the report's `_code` column. docs/reject-codes.md is generated from this list. */

import * as z from 'zod/mini';

interface Code {
  /** What is wrong with the row or the cell. */
  readonly meaning: string;
  /** How to fix it in the file. */
  readonly remedy: string;
}

export const REJECT_CODES = {
  too_few_fields: {
    meaning: 'The row has fewer fields than the header.',
    remedy: 'Add the missing fields. An empty cell needs its delimiter too.',
  },
  too_many_fields: {
    meaning: 'The row has more fields than the header.',
    remedy: 'Enclose a cell that contains the delimiter in quotes, or remove the surplus fields.',
  },
  repeated_header: {
    meaning: 'The row repeats the header, as in a file to which another one was appended.',
    remedy: 'Remove the row.',
  },
  stray_quote: {
    meaning: 'An unquoted field contains a quote, or a quoted field has text after its closing quote.',
    remedy: 'Enclose the whole field in quotes and double every quote inside it.',
  },
  unclosed_quote: {
    meaning: 'The closing quote of a quoted field is missing or not where the field ends.',
    remedy: 'Add the closing quote, or remove the opening one.',
  },
  record_too_long: {
    meaning: 'The row is longer than 409,600 bytes, the size limit of a DynamoDB item.',
    remedy: 'Check for a missing quote or line break, or store the large value elsewhere.',
  },
  invalid_encoding: {
    meaning: 'The row contains a byte that is not valid in the encoding of the file.',
    remedy: 'Save the file as "CSV UTF-8", or declare its encoding in the dataset.',
  },
  nul_byte: {
    meaning: 'The row contains a NUL byte, which means that the file is damaged.',
    remedy: 'Export the file again.',
  },
  empty: {
    meaning: 'The cell is empty, and its column does not accept empty cells.',
    remedy: 'Fill in the cell, or declare in the dataset what an empty cell becomes.',
  },
  too_long: {
    meaning: 'The cells that form the key are longer than DynamoDB allows for a key.',
    remedy: 'Shorten the cells.',
  },
  not_a_decimal: {
    meaning: "The cell is not a decimal number in its column's format.",
    remedy: 'Use only digits, a sign and the separators that the dataset declares; no currency sign or unit.',
  },
  not_an_integer: {
    meaning: 'The cell is not a whole number.',
    remedy: 'Use only digits and a sign.',
  },
  number_out_of_range: {
    meaning: "The number has more than 38 significant digits or is outside DynamoDB's range.",
    remedy: 'Round the number, or declare the column as text.',
  },
  not_a_boolean: {
    meaning: "The cell is not one of the column's words for 'yes' and 'no'.",
    remedy: 'Use one of the words that the reason lists.',
  },
  not_a_date: {
    meaning: "The cell is not a date or time in its column's format, or the day does not exist.",
    remedy: 'Use the format that the reason names; in a spreadsheet, set it as the format of the column.',
  },
  too_exact: {
    meaning: 'The time has more digits after the second than its column stores, and they are not zero.',
    remedy: 'Round the time, or declare more digits in the dataset, up to `fraction: 9`.',
  },
  not_a_uuid: {
    meaning: 'The cell is not a UUID.',
    remedy: 'Write 32 hexadecimal digits in five groups, with hyphens between them.',
  },
  not_an_email: {
    meaning: 'The cell is not an email address.',
    remedy: 'Write one address, without a name or angle brackets.',
  },
  not_json: {
    meaning: 'The cell is not a JSON object or array, or not one that DynamoDB can store.',
    remedy: 'Correct the JSON. It may have 32 levels, and no empty names.',
  },
  not_binary: {
    meaning: "The cell is not in its column's encoding of bytes.",
    remedy:
      'Write base64 with its padding, or an even number of hexadecimal digits, as the dataset declares.',
  },
  out_of_bounds: {
    meaning:
      'The value is less or more than its column accepts, longer, or too large for the width in the key.',
    remedy: 'Correct the value, or change the bound in the dataset.',
  },
  not_in_list: {
    meaning: 'The cell is not one of the values that its column allows.',
    remedy: 'Use one of the values that the reason lists, in the same case.',
  },
  invalid: {
    meaning: 'The cell breaks a custom rule of the dataset.',
    remedy: 'Fix what the reason says.',
  },
  check_failed: {
    meaning: "The row fails the dataset's check across columns.",
    remedy: 'Fix what the reason says.',
  },
  derive_failed: {
    meaning: "The dataset's `derive` fails for the row, or returns what cannot be stored.",
    remedy: 'Fix what the reason says: the cells, or the function in the dataset.',
  },
  duplicate_key: {
    meaning: 'A later row of the file has the same key, and the dataset rejects duplicates.',
    remedy: 'Keep one of the rows, or give them different keys.',
  },
  not_unique: {
    meaning: 'A later row of the file has the same value in a column that the dataset declares unique.',
    remedy: 'Give one of the rows another value, or remove it.',
  },
  item_too_large: {
    meaning: 'The item made from the row exceeds 400 KB, the size limit of DynamoDB.',
    remedy: 'Shorten its cells, or store the large value elsewhere.',
  },
} as const satisfies Readonly<Record<string, Code>>;

export type RejectCode = keyof typeof REJECT_CODES;

/** Schema of a code. */
export const rejectCode = z.custom<RejectCode>(
  (value) => typeof value === 'string' && Object.hasOwn(REJECT_CODES, value),
);
