/**
 * Matches event patterns as EventBridge does
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html), as far as the stack's
 * rule needs it. An unknown operator is an error, because ignoring it could match events that AWS does not match.
 */

import { UnsupportedError } from '../../report/terminal/errors.ts';

/**
 * Whether the event matches the pattern.
 * @throws UnsupportedError when a field of the pattern is invalid or uses an unknown operator; the message names the field.
 */
export function matchesPattern(pattern: unknown, event: unknown, path = ''): boolean {
  if (!isObject(pattern)) {
    throw new UnsupportedError(`The event pattern${path} must be an object, not ${JSON.stringify(pattern)}.`);
  }
  // Every field is checked, so that an unknown operator is found even if another field does not match.
  return Object.entries(pattern)
    .map(([field, expected]) => {
      const fieldPath = `${path}.${field}`;
      const actual = isObject(event) && Object.hasOwn(event, field) ? event[field] : undefined;
      if (field.startsWith('$')) throw unknownOperator(fieldPath, field);
      if (!Array.isArray(expected)) return matchesPattern(expected, actual, fieldPath);
      const values: readonly unknown[] = Array.isArray(actual) ? actual : [actual];
      return expected
        .map((matcher) => values.map((value) => matchesValue(matcher, value, fieldPath)).includes(true))
        .includes(true);
    })
    .every(Boolean);
}

function matchesValue(matcher: unknown, value: unknown, path: string): boolean {
  if (!isObject(matcher)) return matcher === value;
  const [operator = '', operand] = onlyEntry(matcher, path);
  switch (operator) {
    case 'equals-ignore-case':
      return compareStrings(operand, value, path, (expected, actual) => lower(expected) === lower(actual));
    case 'prefix':
    case 'suffix': {
      const compare = (expected: string, actual: string) =>
        operator === 'prefix' ? actual.startsWith(expected) : actual.endsWith(expected);
      if (!isObject(operand)) return compareStrings(operand, value, path, compare);
      const [inner = '', text] = onlyEntry(operand, path);
      if (inner !== 'equals-ignore-case') throw unknownOperator(path, `${operator}: ${inner}`);
      return compareStrings(text, value, path, (expected, actual) => compare(lower(expected), lower(actual)));
    }
    default:
      throw unknownOperator(path, operator);
  }
}

function compareStrings(
  expected: unknown,
  actual: unknown,
  path: string,
  compare: (expected: string, actual: string) => boolean,
): boolean {
  if (typeof expected !== 'string') {
    throw new UnsupportedError(
      `The event pattern${path} must compare with a string, but ${JSON.stringify(expected)} is not a string.`,
    );
  }
  return typeof actual === 'string' && compare(expected, actual);
}

function onlyEntry(matcher: Record<string, unknown>, path: string) {
  const entries = Object.entries(matcher);
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) {
    throw new UnsupportedError(
      `The event pattern${path} must have exactly one operator in each object, not ${JSON.stringify(matcher)}.`,
    );
  }
  return entry;
}

function unknownOperator(path: string, operator: string): Error {
  return new UnsupportedError(
    `The event pattern${path} uses the operator ${JSON.stringify(operator)}, which the local run does not support. ` +
      'Use exact values, prefix, suffix or equals-ignore-case.',
  );
}

const lower = (text: string) => text.toLowerCase();

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
