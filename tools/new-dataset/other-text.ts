/** Refuses text that a draft could take for CSV, because most text has a delimiter. */

import { NotCsvError } from '../../functions/core/errors.ts';

/** Characters that are looked at. */
const START = 2_000;

/** How each kind of text begins, and what it is. */
const KINDS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^-----BEGIN [A-Z ]+-----/, 'encrypted or signed text (PGP or PEM)'],
  [/^(?:%YAML |---\r?\n)/, 'YAML'],
  [/^(?:--[^\n]*\n)*(?:CREATE TABLE|INSERT INTO) /i, 'SQL'],
  [/^(?:From|To|Subject|Date|Received|Return-Path|MIME-Version): [^\n]*\n[A-Z][\w-]*: /, 'an e-mail'],
  [/^[^\n|]*\|[^\n]*\n\|?(?: *:?-{2,}:? *\|)+(?: *:?-{2,}:? *)?\r?\n/, 'a Markdown table'],
];

/**
 * @param first the beginning of the text
 * @throws NotCsvError that says what it looks like
 */
export function refuseOtherText(first: Buffer, path: string): void {
  const text = first.toString('utf8', 0, START).trimStart();
  const [, what] = KINDS.find(([pattern]) => pattern.test(text)) ?? [];
  if (what !== undefined) {
    throw new NotCsvError(
      `${path} looks like ${what}, not CSV. Export its rows as CSV, and draft from that.`,
    );
  }
}
