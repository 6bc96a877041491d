import { matchesPattern } from '../../../local/emulator/event-pattern.ts';
import { UnsupportedError } from '../../../report/terminal/errors.ts';

const event = {
  source: 'aws.s3',
  resources: ['arn:aws:s3:::in', 'arn:aws:s3:::out'],
  detail: { bucket: { name: 'in' }, object: { key: 'Reports/June.CSV', size: 0 } },
};
const key = (matcher: unknown) => ({ detail: { object: { key: [matcher] } } });

test.each([
  ['an exact value', { source: ['aws.s3'] }],
  ['one of several values', { source: ['aws.ec2', 'aws.s3'] }],
  ['a number', { detail: { object: { size: [0] } } }],
  ['an element of an array', { resources: ['arn:aws:s3:::out'] }],
  ['a prefix', key({ prefix: 'Reports/' })],
  ['a prefix in any case', key({ prefix: { 'equals-ignore-case': 'REPORTS/' } })],
  ['a suffix', key({ suffix: '.CSV' })],
  ['a suffix in any case', key({ suffix: { 'equals-ignore-case': '.csv' } })],
  ['the whole value in any case', key({ 'equals-ignore-case': 'reports/june.csv' })],
  ['all of several fields', { source: ['aws.s3'], ...key({ suffix: '.CSV' }) }],
])('matches %s', (_what, pattern) => {
  expect(matchesPattern(pattern, event)).toBe(true);
});

test.each([
  ['another value', { source: ['aws.ec2'] }],
  ['a string where the event has a number', { detail: { object: { size: ['0'] } } }],
  ['a field that the event lacks', { detail: { reason: ['PutObject'] } }],
  ['a suffix in another case', key({ suffix: '.csv' })],
  ['a suffix that is not at the end', key({ suffix: 'June' })],
  ['a prefix that is not at the start', key({ prefix: 'June' })],
  ['a string operator on a number', { detail: { object: { size: [{ prefix: '0' }] } } }],
  ['one of two fields', { source: ['aws.ec2'], ...key({ suffix: '.CSV' }) }],
  ['no value', { source: [] }],
])('does not match %s', (_what, pattern) => {
  expect(matchesPattern(pattern, event)).toBe(false);
});

test.each([
  ['anything-but', key({ 'anything-but': 'x' }), '"anything-but"'],
  ['wildcard', key({ wildcard: '*.csv' }), 'detail.object.key uses the operator "wildcard"'],
  ['numeric', { detail: { object: { size: [{ numeric: ['>', 0] }] } } }, '"numeric"'],
  ['exists', { detail: { reason: [{ exists: false }] } }, '"exists"'],
  ['$or', { $or: [{ source: ['aws.s3'] }] }, '"$or"'],
  ['suffix: anything-but', key({ suffix: { 'anything-but': '.csv' } }), '"suffix: anything-but"'],
  [
    'an unknown operator after a field that does not match',
    { source: ['aws.ec2'], ...key({ wildcard: '*' }) },
    '"wildcard"',
  ],
  ['two operators in one object', key({ prefix: 'a', suffix: 'b' }), 'exactly one operator'],
  ['a prefix that is not a string', key({ prefix: 1 }), 'is not a string'],
])('refuses %s', (_what, pattern, message) => {
  expect(() => matchesPattern(pattern, event)).toThrow(UnsupportedError);
  expect(() => matchesPattern(pattern, event)).toThrow(message);
});
