/** Machines whose data does not go where they say, each for one reason. */

import { count, either, load, type Order, task, unknown, wrong } from './functions.ts';

interface Input {
  readonly order: Order;
  readonly tags: readonly string[];
  readonly list: readonly Order[];
  readonly more?: { readonly text: string };
  readonly size: number;
}

interface Answered {
  readonly r: { readonly ok: true; readonly n: 1 } | { readonly ok: false; readonly why: string };
}

const invoke = { ...task, Resource: load, Parameters: { 'order.$': '$.order' } } as const;
const done = { Type: 'Succeed' } as const;

export const wrongData = {
  'a path into nothing': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { ...task, Resource: load, Parameters: { 'order.$': '$.oder' }, End: true },
      },
    },
    'A: $.oder is not in its input',
  ),
  'a path to a field that is optional': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'text.$': '$.more.text' }, End: true } } },
    'A: $.more.text is not always in its input',
  ),
  'a path into a string': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'x.$': '$.order.id.x' }, End: true } } },
    'A: $.order.id.x is not in its input',
  ),
  'a path to an element of an array that may be empty': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'tag.$': '$.tags[0]' }, End: true } } },
    'A: $.tags[0] is not always in its input',
  ),
  'a path into the elements of an array that have no such field': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'ids.$': '$.list[*].key' }, End: true } } },
    'A: $.list[*].key is not in its input',
  ),
  'a path with a filter': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'x.$': '$.list[?(@.id)]' }, End: true } } },
    'A: $.list[?(@.id)] is no path that can be followed',
  ),
  'a path into nothing, deep in a template': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { a: { b: [{ 'c.$': '$.c' }] } }, End: true } },
    },
    'A: $.c is not in its input',
  ),
  'a path into nothing of the context object': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'x.$': '$$.Execution.Nam' }, End: true } } },
    'A: $$.Execution.Nam is not in the context object',
  ),
  'text that is no path where one is': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'x.$': 'order' }, End: true } } },
    'A: order is neither a path nor a call of a function',
  ),
  'an InputPath into nothing': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', InputPath: '$.none', End: true } } },
    'A: $.none is not in its input',
  ),
  'a path that InputPath has cut off': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', InputPath: '$.order', Parameters: { 'size.$': '$.size' }, End: true } },
    },
    'A: $.size is not in its input',
  ),
  'an OutputPath into nothing': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, OutputPath: '$.Payloads', End: true } } },
    'A: $.Payloads is not in its output',
  ),
  'a ResultSelector into nothing': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, ResultSelector: { 'n.$': '$.row' }, End: true } } },
    'A: $.row is not in its result',
  ),
  'a ResultSelector that reads the input': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, ResultSelector: { 'n.$': '$.order' }, End: true } } },
    'A: $.order is not in its result',
  ),
  'a result in place of the input that is needed later': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, Next: 'B' }, B: { ...invoke, End: true } } },
    'B: $.order is not in its input',
  ),
  'a result in place of a field that is needed later': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { ...invoke, ResultSelector: { 'id.$': '$.kind' }, ResultPath: '$.order', Next: 'B' },
        B: { ...invoke, End: true },
      },
    },
    'B: Parameters.order.amount is missing',
  ),
  'a constant in place of a field that is needed later': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Result: 'new', ResultPath: '$.order', Next: 'B' },
        B: { ...invoke, End: true },
      },
    },
    'B: Parameters.order is a string, where an object is taken',
  ),
  'a result put into a string': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, ResultPath: '$.order.id.loaded', End: true } } },
    'A: ResultPath: $.order.id.loaded leads through something that may be no object',
  ),
  'a result put at a path that is none for it': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, ResultPath: '$.list[*].loaded', End: true } } },
    'A: ResultPath: $.list[*].loaded is no path that something can be put at',
  ),
  'an error put into an input that may be no object': wrong<string | Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          ...task,
          Resource: count,
          Parameters: { of: ['x'] },
          Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'B' }],
          End: true,
        },
        B: done,
      },
    },
    'A: ResultPath: $.error leads through something that may be no object',
  ),
  'an error in place of the input that is needed later': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          ...invoke,
          ResultPath: '$.loaded',
          Catch: [{ ErrorEquals: ['LateError'], Next: 'B' }],
          Next: 'B',
        },
        B: { Type: 'Pass', Parameters: { 'size.$': '$.size' }, End: true },
      },
    },
    'B: $.size is not always in its input',
  ),
  'a field that only the second turn of a loop has': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Parameters: { 'order.$': '$.order', 'last.$': '$.loaded' }, Next: 'B' },
        B: { ...invoke, ResultPath: '$.loaded', Next: 'C' },
        C: {
          Type: 'Choice',
          Choices: [{ Variable: '$.loaded.kind', StringEquals: 'ok', Next: 'D' }],
          Default: 'A',
        },
        D: done,
      },
    },
    'A: $.loaded is not in its input',
  ),
  'a field that one of two ways does not bring': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Choice', Choices: [{ Variable: '$.size', NumericLessThan: 5, Next: 'B' }], Default: 'C' },
        B: { Type: 'Pass', Result: 'small', ResultPath: '$.word', Next: 'C' },
        C: { Type: 'Pass', Parameters: { 'word.$': '$.word' }, End: true },
      },
    },
    'C: $.word is not always in its input',
  ),
  'a field where a test has found that it is missing': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Choice', Choices: [{ Variable: '$.more', IsPresent: true, Next: 'B' }], Default: 'C' },
        B: { Type: 'Pass', Parameters: { 'text.$': '$.more.text' }, End: true },
        C: { Type: 'Pass', Parameters: { 'text.$': '$.more.text' }, End: true },
      },
    },
    'C: $.more.text is not in its input',
  ),
  'a field that only another result has': wrong<Answered>()(
    {
      StartAt: 'A',
      States: {
        A: {
          Type: 'Choice',
          Choices: [{ Variable: '$.r.ok', BooleanEquals: true, Next: 'B' }],
          Default: 'C',
        },
        B: { Type: 'Pass', Parameters: { 'why.$': '$.r.why' }, End: true },
        C: { Type: 'Pass', Parameters: { 'why.$': '$.r.why' }, End: true },
      },
    },
    'B: $.r.why is not in its input',
  ),
  'an ItemsPath into nothing': wrong<Input>()(
    {
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          ItemsPath: '$.lists',
          ItemProcessor: { StartAt: 'A', States: { A: done } },
          End: true,
        },
      },
    },
    'M: $.lists is not in its input',
  ),
  'a Map over something that is no array': wrong<Input>()(
    {
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          ItemsPath: '$.order',
          ItemProcessor: { StartAt: 'A', States: { A: done } },
          End: true,
        },
      },
    },
    'M: $.order is an object, where a Map takes an array',
  ),
  'an ItemSelector that reads a field which the item lacks': wrong<Input>()(
    {
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          ItemsPath: '$.list',
          ItemSelector: { 'key.$': '$$.Map.Item.Value.key' },
          ItemProcessor: { StartAt: 'A', States: { A: done } },
          End: true,
        },
      },
    },
    'M: $$.Map.Item.Value.key is not in the context object',
  ),
  'an item that is read outside of a Map': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'i.$': '$$.Map.Item.Index' }, End: true } } },
    'A: $$.Map.Item.Index is not in the context object',
  ),
  'a state in a Map that reads what is outside of it': wrong<Input>()(
    {
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          ItemsPath: '$.list',
          ItemProcessor: {
            StartAt: 'A',
            States: { A: { Type: 'Pass', Parameters: { 'size.$': '$.size' }, End: true } },
          },
          End: true,
        },
      },
    },
    'A: $.size is not in its input',
  ),
  'a state behind a Map that reads what the iterations do not give': wrong<Input>()(
    {
      StartAt: 'M',
      States: {
        M: {
          Type: 'Map',
          ItemsPath: '$.list',
          ItemProcessor: {
            StartAt: 'A',
            States: { A: { Type: 'Pass', Parameters: { 'id.$': '$.id' }, End: true } },
          },
          Next: 'B',
        },
        B: { Type: 'Pass', Parameters: { 'amounts.$': '$[*].amount' }, End: true },
      },
    },
    'B: $[*].amount is not in its input',
  ),
  'an output of a Parallel that has fewer branches': wrong<Input>()(
    {
      StartAt: 'P',
      States: {
        P: { Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: done } }], Next: 'B' },
        B: { Type: 'Pass', Parameters: { 'x.$': '$[1]' }, End: true },
      },
    },
    'B: $[1] is not in its input',
  ),
  'a state in a Parallel that reads what Parameters left out': wrong<Input>()(
    {
      StartAt: 'P',
      States: {
        P: {
          Type: 'Parallel',
          Parameters: { 'id.$': '$.order.id' },
          Branches: [
            { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'size.$': '$.size' }, End: true } } },
          ],
          End: true,
        },
      },
    },
    'A: $.size is not in its input',
  ),
  'an event without a field that its function needs': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...task, Resource: load, Parameters: {}, End: true } } },
    'A: Parameters.order is missing',
  ),
  'an event without a field deep inside': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          ...task,
          Resource: load,
          Parameters: { order: { 'id.$': '$.order.id' } },
          End: true,
        },
      },
    },
    'A: Parameters.order.amount is missing',
  ),
  'an event with a value of another kind': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: {
          ...task,
          Resource: load,
          Parameters: { order: { id: 'x', 'amount.$': '$.order.id' } },
          End: true,
        },
      },
    },
    'A: Parameters.order.amount is a string, where a number is taken',
  ),
  'an event with elements of another kind': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { ...task, Resource: count, Parameters: { 'of.$': '$.list' }, End: true },
      },
    },
    'A: Parameters.of[*] is an object, where a string is taken',
  ),
  'an event with a field that its function does not take': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { ...task, Resource: count, Parameters: { of: [], off: [] }, End: true },
      },
    },
    'A: Parameters.off is not taken by its function',
  ),
  'an event that fits the other way to call a function': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { ...task, Resource: either, Parameters: { 'b.$': '$.order.id' }, End: true },
      },
    },
    'A: Parameters.b is a string, where a number is taken',
  ),
  'a function without a contract': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...task, Resource: unknown, End: true } } },
    'A: Resource is the ARN of no function with a contract',
  ),
};
