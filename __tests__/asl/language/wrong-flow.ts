/** Machines with invalid transitions, error handlers, Choice rules or intrinsic functions, each for one reason. */

import { load, type Order, task, wrong } from './functions.ts';

interface Input {
  readonly order: Order;
  readonly kind: 'a' | 'b' | 'c';
  readonly tags: readonly string[];
  readonly size: number;
  readonly flag: boolean;
}

const invoke = { ...task, Resource: load, Parameters: { 'order.$': '$.order' } } as const;
const done = { Type: 'Succeed' } as const;

export const wrongFlow = {
  'a Next that names no state': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'C' }, B: done } },
    'A: Next: there is no state C',
  ),
  'a StartAt that names no state': wrong<Input>()(
    { StartAt: 'B', States: { A: done } },
    'StartAt: there is no state B',
  ),
  'a Default that names no state': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          Type: 'Choice',
          Choices: [{ Variable: '$.flag', BooleanEquals: true, Next: 'B' }],
          Default: 'C',
        },
        B: done,
      },
    },
    'A: Default: there is no state C',
  ),
  'a rule that leads to no state': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          Type: 'Choice',
          Choices: [{ Variable: '$.flag', BooleanEquals: true, Next: 'C' }],
          Default: 'B',
        },
        B: done,
      },
    },
    'A: Choices: there is no state C',
  ),
  'a Catch that leads to no state': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { ...invoke, Catch: [{ ErrorEquals: ['LateError'], Next: 'Late' }], End: true } },
    },
    'A: Catch: there is no state Late',
  ),
  'a state in a Map that leads out of it': wrong<Input>()(
    {
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          ItemsPath: '$.tags',
          ItemProcessor: { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } },
          Next: 'B',
        },
        B: done,
      },
    },
    'A: Next: there is no state B',
  ),
  'a state that cannot be reached': wrong<Input>()(
    { StartAt: 'A', States: { A: done, B: done } },
    'B: cannot be reached from StartAt',
  ),
  'a state that leads only to itself': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 1, Next: 'A' } } },
    'A: no final state can be reached from it',
  ),
  'a loop in a Map that never ends': wrong<Input>()(
    {
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          ItemsPath: '$.tags',
          ItemProcessor: { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'A' } } },
          End: true,
        },
      },
    },
    'A: no final state can be reached from it',
  ),
  'a state with both Next and End': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B', End: true }, B: done } },
    'A: has both Next and End',
  ),
  'a state with neither Next nor End': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass' } } },
    'A: has neither Next nor End',
  ),
  'a misspelled field': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, ResultPth: '$.loaded', End: true } } },
    'A: unknown field ResultPth',
  ),
  'a field of another type of state': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 1, ResultPath: '$.x', End: true } } },
    'A: unknown field ResultPath',
  ),
  'a Wait without a time': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Wait', End: true } } },
    'A: needs Seconds, SecondsPath, Timestamp or TimestampPath',
  ),
  'a SecondsPath to a value that is not a number': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Wait', SecondsPath: '$.order.id', End: true } } },
    'A: $.order.id is a string, but must be a number',
  ),
  'a CausePath to a value that is not a string': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Fail', Error: 'Bad', CausePath: '$.size' } } },
    'A: $.size is a number, but must be a string',
  ),
  'a loop that makes its input grow': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Parameters: { n: 1, 'before.$': '$' }, Next: 'B' },
        B: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericEquals: 9, Next: 'C' }], Default: 'A' },
        C: done,
      },
    },
    'B: its input never settles: a loop adds to it on every pass',
  ),
  'a Catch of an error that its task does not raise': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { ...invoke, Catch: [{ ErrorEquals: ['LateError', 'LoadError'], Next: 'B' }], End: true },
        B: done,
      },
    },
    'A: Catch names LoadError, which its state never raises',
  ),
  'a Retry of an error that its task does not raise': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, Retry: [{ ErrorEquals: ['Lambda.Unknwon'] }], End: true } } },
    'A: Retry names Lambda.Unknwon, which its state never raises',
  ),
  'a Retry after one for all errors': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          ...invoke,
          Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['LateError'], MaxAttempts: 9 }],
          End: true,
        },
      },
    },
    'A: no error reaches the Retry after the one for States.ALL',
  ),
  'a Catch after one for all errors': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          ...invoke,
          Catch: [
            { ErrorEquals: ['States.ALL'], Next: 'B' },
            { ErrorEquals: ['LateError'], Next: 'B' },
          ],
          End: true,
        },
        B: done,
      },
    },
    'A: no error reaches the Catch after the one for States.ALL',
  ),
  'a Retry after one for all errors of the task': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          ...invoke,
          Retry: [{ ErrorEquals: ['States.TaskFailed'] }, { ErrorEquals: ['LateError', 'States.Timeout'] }],
          End: true,
        },
      },
    },
    'A: LateError never reaches the Retry after the one for States.TaskFailed',
  ),
  'States.ALL together with another error': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { ...invoke, Retry: [{ ErrorEquals: ['LateError', 'States.ALL'] }], End: true } },
    },
    'A: Retry names States.ALL together with other errors',
  ),
  'an error named by two retriers': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { ...invoke, Retry: [{ ErrorEquals: ['LateError'] }, { ErrorEquals: ['LateError'] }], End: true },
      },
    },
    'A: Retry names LateError twice',
  ),
  'a Catch at a Map for an error that its states catch': wrong<Input>()(
    {
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          ItemsPath: '$.tags',
          ItemSelector: { 'order.$': '$.order' },
          ItemProcessor: {
            StartAt: 'A',
            States: {
              A: { ...invoke, Catch: [{ ErrorEquals: ['LateError'], Next: 'B' }], Next: 'B' },
              B: done,
            },
          },
          Catch: [{ ErrorEquals: ['LateError', 'BrokenError'], Next: 'C' }],
          Next: 'C',
        },
        C: done,
      },
    },
    'M: Catch names LateError, which its state never raises',
  ),
  'a Catch at a DISTRIBUTED Map for an error inside it': wrong<Input>()(
    {
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          ItemsPath: '$.tags',
          ItemSelector: { 'order.$': '$.order' },
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            StartAt: 'A',
            States: { A: { ...invoke, End: true } },
          },
          Catch: [{ ErrorEquals: ['LateError'], Next: 'C' }],
          Next: 'C',
        },
        C: done,
      },
    },
    'M: Catch names LateError, which its state never raises',
  ),
  'a Choice that does not cover every value': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          Type: 'Choice',
          Choices: [
            { Variable: '$.kind', StringEquals: 'a', Next: 'B' },
            { Variable: '$.kind', StringEquals: 'b', Next: 'B' },
          ],
        },
        B: done,
      },
    },
    'A: Choices do not cover every input, and there is no Default',
  ),
  'a Choice by number without a Default': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          Type: 'Choice',
          Choices: [
            { Variable: '$.size', NumericLessThan: 5, Next: 'B' },
            { Variable: '$.size', NumericGreaterThan: 5, Next: 'B' },
          ],
        },
        B: done,
      },
    },
    'A: Choices do not cover every input, and there is no Default',
  ),
  'a rule for an impossible value': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Choice', Choices: [{ Variable: '$.kind', StringEquals: 'd', Next: 'B' }], Default: 'B' },
        B: done,
      },
    },
    'A: $.kind is never d',
  ),
  'a rule for a value that an earlier rule covers': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          Type: 'Choice',
          Choices: [
            { Not: { Variable: '$.kind', StringEquals: 'a' }, Next: 'B' },
            { Variable: '$.kind', StringEquals: 'c', Next: 'B' },
          ],
          Default: 'B',
        },
        B: done,
      },
    },
    'A: $.kind is never c',
  ),
  'a string compared with a number': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Choice', Choices: [{ Variable: '$.kind', NumericEquals: 1, Next: 'B' }], Default: 'B' },
        B: done,
      },
    },
    'A: $.kind is a string, but is compared with a number',
  ),
  'a number compared with a field that is a string': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          Type: 'Choice',
          Choices: [{ Variable: '$.size', NumericLessThanPath: '$.kind', Next: 'B' }],
          Default: 'B',
        },
        B: done,
      },
    },
    'A: $.kind is a string, but is compared as a number',
  ),
  'a test of a missing field': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          Type: 'Choice',
          Choices: [
            {
              And: [
                { Variable: '$.flag', BooleanEquals: true },
                { Variable: '$.knd', StringEquals: 'a' },
              ],
              Next: 'B',
            },
          ],
          Default: 'B',
        },
        B: done,
      },
    },
    'A: $.knd is not in its input',
  ),
  'a test of a field not known to be present': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          Type: 'Choice',
          Choices: [{ Variable: '$.order.note', StringEquals: 'a', Next: 'B' }],
          Default: 'B',
        },
        B: done,
      },
    },
    'A: $.order.note is not always in its input',
  ),
  'a rule with two operators': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          Type: 'Choice',
          Choices: [{ Variable: '$.size', NumericLessThan: 5, NumericGreaterThan: 3, Next: 'B' }],
          Default: 'B',
        },
        B: done,
      },
    },
    'A: $.size has more than one operator in a rule',
  ),
  'a template with fewer values than placeholders': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': "States.Format('{} of {}', $.size)" }, End: true } },
    },
    'A: States.Format needs 2 values for its template, but has 1',
  ),
  'an object as a value of a template': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': "States.Format('{}', $.order)" }, End: true } },
    },
    'A: States.Format cannot format an object',
  ),
  'a sum with a string': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': 'States.MathAdd($.size, $.kind)' }, End: true } },
    },
    'A: States.MathAdd takes a number as argument 2, not a string',
  ),
  'a sum with one argument': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': 'States.MathAdd($.size)' }, End: true } },
    },
    'A: States.MathAdd takes 2 arguments, but has 1',
  ),
  'the array length of a string': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': 'States.ArrayLength($.kind)' }, End: true } },
    },
    'A: States.ArrayLength takes an array as argument 1, not a string',
  ),
  'a path to a missing field in a nested function': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          Type: 'Pass',
          Parameters: { 'x.$': "States.Format('{}', States.ArrayLength($.tagz))" },
          End: true,
        },
      },
    },
    'A: $.tagz is not in its input',
  ),
  'a deep merge, which does not exist': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Parameters: { 'x.$': 'States.JsonMerge($.order, $.order, true)' }, End: true },
      },
    },
    'A: States.JsonMerge takes false as argument 3, not a boolean',
  ),
  'an unknown hash algorithm': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': "States.Hash($.kind, 'SHA-2')" }, End: true } },
    },
    "A: States.Hash takes the name of a hash algorithm as argument 2, not 'SHA-2'",
  ),
  'an element that may be missing': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': 'States.ArrayGetItem($.tags, 0)' }, End: true } },
    },
    'A: States.ArrayGetItem may read past the end of its array',
  ),
  'an unknown intrinsic function': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': 'States.MathSub($.size, 1)' }, End: true } },
    },
    'A: there is no intrinsic function States.MathSub',
  ),
};
