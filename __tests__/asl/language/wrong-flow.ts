/** Machines that lead nowhere, handle errors that do not come, decide wrongly or call functions wrongly. */

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
  'a Next that is no state': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'C' }, B: done } },
    'A: Next: there is no state C',
  ),
  'a StartAt that is no state': wrong<Input>()(
    { StartAt: 'B', States: { A: done } },
    'StartAt: there is no state B',
  ),
  'a Default that is no state': wrong<Input>()(
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
    'B: it cannot be reached from StartAt',
  ),
  'a state that goes on to itself': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 1, Next: 'A' } } },
    'A: no state that ends the machine can be reached from it',
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
    'A: no state that ends the machine can be reached from it',
  ),
  'a state with both Next and End': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B', End: true }, B: done } },
    'A: it has both Next and End',
  ),
  'a state with neither Next nor End': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass' } } },
    'A: it has neither Next nor End',
  ),
  'a field that is misspelt': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, ResultPth: '$.loaded', End: true } } },
    'A: there is no field ResultPth',
  ),
  'a field of another type of state': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 1, ResultPath: '$.x', End: true } } },
    'A: there is no field ResultPath',
  ),
  'a Wait for nothing': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Wait', End: true } } },
    'A: it has no time to wait for',
  ),
  'a Wait for something that is no number': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Wait', SecondsPath: '$.order.id', End: true } } },
    'A: $.order.id is a string, where a number is taken',
  ),
  'a cause that is no text': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Fail', Error: 'Bad', CausePath: '$.size' } } },
    'A: $.size is a number, where a string is taken',
  ),
  'a loop that lets its input grow': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Parameters: { n: 1, 'before.$': '$' }, Next: 'B' },
        B: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericEquals: 9, Next: 'C' }], Default: 'A' },
        C: done,
      },
    },
    'B: its input never settles: with every turn of a loop there is more in it',
  ),
  'a Catch of an error that its task does not raise': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { ...invoke, Catch: [{ ErrorEquals: ['LateError', 'LoadError'], Next: 'B' }], End: true },
        B: done,
      },
    },
    'A: Catch has LoadError, which is not raised there',
  ),
  'a Retry of an error that its task does not raise': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, Retry: [{ ErrorEquals: ['Lambda.Unknwon'] }], End: true } } },
    'A: Retry has Lambda.Unknwon, which is not raised there',
  ),
  'a Retry behind one for all errors': wrong<Input>()(
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
    'A: nothing gets to the Retry behind the one for States.ALL',
  ),
  'a Catch behind one for all errors': wrong<Input>()(
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
    'A: nothing gets to the Catch behind the one for States.ALL',
  ),
  'a Retry behind one for all errors of the task': wrong<Input>()(
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
    'A: no LateError gets to the Retry behind the one for States.TaskFailed',
  ),
  'all errors beside one of them': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { ...invoke, Retry: [{ ErrorEquals: ['LateError', 'States.ALL'] }], End: true } },
    },
    'A: Retry has States.ALL beside other errors',
  ),
  'an error that is retried by two': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { ...invoke, Retry: [{ ErrorEquals: ['LateError'] }, { ErrorEquals: ['LateError'] }], End: true },
      },
    },
    'A: Retry has LateError twice',
  ),
  'a Catch at a Map of an error that its states keep to themselves': wrong<Input>()(
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
    'M: Catch has LateError, which is not raised there',
  ),
  'a Catch at a DISTRIBUTED Map of an error inside of it': wrong<Input>()(
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
    'M: Catch has LateError, which is not raised there',
  ),
  'a Choice that leaves a value over': wrong<Input>()(
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
    'A: Choices leave something over, and there is no Default',
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
    'A: Choices leave something over, and there is no Default',
  ),
  'a value that never comes': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Choice', Choices: [{ Variable: '$.kind', StringEquals: 'd', Next: 'B' }], Default: 'B' },
        B: done,
      },
    },
    'A: $.kind is never d',
  ),
  'a rule whose value another rule has taken': wrong<Input>()(
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
  'a text that is compared with a number': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Choice', Choices: [{ Variable: '$.kind', NumericEquals: 1, Next: 'B' }], Default: 'B' },
        B: done,
      },
    },
    'A: $.kind is a string, and compared with a number',
  ),
  'a number that is compared with a field that is a text': wrong<Input>()(
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
    'A: $.kind is a string, and compared as a number',
  ),
  'a test of nothing': wrong<Input>()(
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
  'a test of a field before it is known to be there': wrong<Input>()(
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
    'A: $.size is compared by more than one operator in a rule',
  ),
  'a template with fewer values than it has room for': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': "States.Format('{} of {}', $.size)" }, End: true } },
    },
    'A: States.Format has 1 values for 2 {}',
  ),
  'an object in a template': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': "States.Format('{}', $.order)" }, End: true } },
    },
    'A: States.Format takes no value that is an object',
  ),
  'a sum with a text': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': 'States.MathAdd($.size, $.kind)' }, End: true } },
    },
    'A: States.MathAdd takes a number as argument two, not a string',
  ),
  'a sum of one': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': 'States.MathAdd($.size)' }, End: true } },
    },
    'A: States.MathAdd takes 2 arguments and has 1',
  ),
  'the length of a text': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': 'States.ArrayLength($.kind)' }, End: true } },
    },
    'A: States.ArrayLength takes an array as argument one, not a string',
  ),
  'a path into nothing in a call inside of a call': wrong<Input>()(
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
  'a deep merge, which there is not': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Parameters: { 'x.$': 'States.JsonMerge($.order, $.order, true)' }, End: true },
      },
    },
    'A: States.JsonMerge takes false as argument three, not a boolean',
  ),
  'a hash that there is not': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': "States.Hash($.kind, 'SHA-2')" }, End: true } },
    },
    "A: States.Hash takes the name of a hash as argument two, not 'SHA-2'",
  ),
  'an element that may be missing': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': 'States.ArrayGetItem($.tags, 0)' }, End: true } },
    },
    'A: States.ArrayGetItem may reach behind the end of its array',
  ),
  'a function that there is not': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'x.$': 'States.MathSub($.size, 1)' }, End: true } },
    },
    'A: there is no function States.MathSub',
  ),
};
