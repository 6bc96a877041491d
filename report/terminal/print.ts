/**
 * Prints what a command found. What comes from outside, such as a file's name, a cell or an error's cause, reaches the
 * terminal with its control characters escaped, because a terminal would act on them.
 */

/** Control characters, line and paragraph separators, and the characters that change the direction of text. */
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** The same, without the line feeds of a text that has several lines. */
const CONTROL_IN_LINES = new RegExp(`(?!\n)${CONTROL.source}`, 'gu');

const ESCAPES: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/**
 * Prints the result of a command to stdout.
 * @param asText makes the text for a person; all strings of the result that it is given are escaped
 * @param json whether to print the result as one line of JSON instead
 */
export function printResult<Result>(result: Result, asText: (result: Result) => string, json = false): void {
  process.stdout.write(json ? `${asJson(result)}\n` : asText(escaped(result)));
}

/** One line of JSON, with the control characters escaped that JSON may contain. */
export function asJson(result: unknown): string {
  return JSON.stringify(result).replaceAll(CONTROL, unicodeEscape);
}

/** Prints a message of one or more lines to stderr, with a line feed at its end. */
export function printMessage(message: string): void {
  process.stderr.write(`${message.trimEnd().replaceAll(CONTROL_IN_LINES, visible)}\n`);
}

/** The value with all strings in it escaped. */
export function escaped<Value>(value: Value): Value;
export function escaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(CONTROL, visible);
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, escaped(field)]));
}

function visible(control: string): string {
  return ESCAPES[control] ?? unicodeEscape(control);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
