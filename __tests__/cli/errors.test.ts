import { CommanderError } from 'commander';
import { exitCodeOf } from '../../cli/errors.ts';
import { DONE, type ExitCode, FAILED, NOT_RUN } from '../../cli/exit-codes.ts';
import { DeployError } from '../../deploy/errors.ts';
import { ConfigurationError } from '../../functions/core/errors.ts';
import { UsageError } from '../../report/terminal/errors.ts';

let written = '';
beforeEach(() => {
  written = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += text;
    return true;
  });
});
afterEach(() => jest.restoreAllMocks());

test.each<[string, Error, ExitCode, ExitCode]>([
  ['a command that did not run', new UsageError('no such file'), NOT_RUN, NOT_RUN],
  ['an invalid environment', new ConfigurationError('no such file'), NOT_RUN, NOT_RUN],
  [
    'a command that did not run, for which 2 has another meaning',
    new UsageError('no such file'),
    FAILED,
    FAILED,
  ],
  ['a command that ran and failed', new DeployError('no such file'), NOT_RUN, FAILED],
])('the error of %s is printed without a stack', (_, error, notRunCode, expected) => {
  expect(exitCodeOf(error, notRunCode)).toBe(expected);
  expect(written).toBe('error: no such file\n');
});

test.each([
  ['help', 0, DONE],
  ['wrong usage', 1, NOT_RUN],
])('%s, which commander has already printed, is not printed again', (_, code, expected) => {
  expect(exitCodeOf(new CommanderError(code, 'commander.any', 'any'), NOT_RUN)).toBe(expected);
  expect(written).toBe('');
});

test('a message may have lines, but control characters are escaped', () => {
  exitCodeOf(new UsageError('\u001B[2J\u009B8m\u202E.csv:\n\tnothing\r'), NOT_RUN);
  expect(written).toBe('error: \\u001b[2J\\u009b8m\\u202e.csv:\n\\tnothing\n');
});

test('a bug keeps its stack', () => {
  const bug = new TypeError('x is undefined');
  expect(() => exitCodeOf(bug, NOT_RUN)).toThrow(bug);
  expect(written).toBe('');
});
