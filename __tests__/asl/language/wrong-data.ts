/** Machines whose paths or events do not fit their data, each for one reason. */

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
  'a path to a missing field': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { ...task, Resource: load, Parameters: { 'order.$': '$.oder' }, End: true },
      },
    },
    'A: $.oder is not in its input',
  ),
  'a path to an optional field': wrong<Input>()(
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
    'A: $.list[?(@.id)] is not a supported path',
  ),
  'a path to a missing field, deep in a template': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { a: { b: [{ 'c.$': '$.c' }] } }, End: true } },
    },
    'A: $.c is not in its input',
  ),
  'a path to a missing field of the context object': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'x.$': '$$.Execution.Nam' }, End: true } } },
    'A: $$.Execution.Nam is not in the context object',
  ),
  'a string that is not a path where a path is needed': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'x.$': 'order' }, End: true } } },
    'A: order is neither a path nor an intrinsic function',
  ),
  'an InputPath to a missing field': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', InputPath: '$.none', End: true } } },
    'A: $.none is not in its input',
  ),
  'a path to a field that InputPath has dropped': wrong<Input>()(
    {
      StartAt: 'A',
      States: { A: { Type: 'Pass', InputPath: '$.order', Parameters: { 'size.$': '$.size' }, End: true } },
    },
    'A: $.size is not in its input',
  ),
  'an OutputPath to a missing field': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, OutputPath: '$.Payloads', End: true } } },
    'A: $.Payloads is not in its output',
  ),
  'a ResultSelector with a path to a missing field': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, ResultSelector: { 'n.$': '$.row' }, End: true } } },
    'A: $.row is not in its result',
  ),
  'a ResultSelector that reads the input': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, ResultSelector: { 'n.$': '$.order' }, End: true } } },
    'A: $.order is not in its result',
  ),
  'a result that replaces an input needed later': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, Next: 'B' }, B: { ...invoke, End: true } } },
    'B: $.order is not in its input',
  ),
  'a result that replaces a field needed later': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { ...invoke, ResultSelector: { 'id.$': '$.kind' }, ResultPath: '$.order', Next: 'B' },
        B: { ...invoke, End: true },
      },
    },
    'B: Parameters.order.amount is missing',
  ),
  'a constant that replaces a field needed later': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Result: 'new', ResultPath: '$.order', Next: 'B' },
        B: { ...invoke, End: true },
      },
    },
    'B: Parameters.order is a string, but must be an object',
  ),
  'a result written into a string': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, ResultPath: '$.order.id.loaded', End: true } } },
    'A: ResultPath: $.order.id.loaded leads through a value that may not be an object',
  ),
  'a result written at a path with [*]': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...invoke, ResultPath: '$.list[*].loaded', End: true } } },
    'A: ResultPath: $.list[*].loaded is not a path that a result can be written to',
  ),
  'an error written into an input that may not be an object': wrong<string | Input>()(
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
    'A: ResultPath: $.error leads through a value that may not be an object',
  ),
  'an error that replaces an input needed later': wrong<Input>()(
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
  'a field that only the second pass of a loop has': wrong<Input>()(
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
  'a field that only one of two branches adds': wrong<Input>()(
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
  'a field that a test has found to be missing': wrong<Input>()(
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
  'an ItemsPath to a missing field': wrong<Input>()(
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
  'a Map over a value that is not an array': wrong<Input>()(
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
    'M: $.order is an object, but a Map needs an array',
  ),
  'an ItemSelector that reads a field the item lacks': wrong<Input>()(
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
  'an item read outside a Map': wrong<Input>()(
    { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'i.$': '$$.Map.Item.Index' }, End: true } } },
    'A: $$.Map.Item.Index is not in the context object',
  ),
  'a state in a Map that reads data outside it': wrong<Input>()(
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
  'a state after a Map that reads a field missing from its outputs': wrong<Input>()(
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
  'an output beyond the branches of a Parallel': wrong<Input>()(
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
  'an event with a value of another type': wrong<Input>()(
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
    'A: Parameters.order.amount is a string, but must be a number',
  ),
  'an event with elements of another type': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { ...task, Resource: count, Parameters: { 'of.$': '$.list' }, End: true },
      },
    },
    'A: Parameters.of[*] is an object, but must be a string',
  ),
  'an event with a field its function does not have': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { ...task, Resource: count, Parameters: { of: [], off: [] }, End: true },
      },
    },
    "A: Parameters.off is not a field of its function's event",
  ),
  'an event that fits the other way to call a function': wrong<Input>()(
    {
      StartAt: 'A',
      States: {
        A: { ...task, Resource: either, Parameters: { 'b.$': '$.order.id' }, End: true },
      },
    },
    'A: Parameters.b is a string, but must be a number',
  ),
  'a function without a contract': wrong<Input>()(
    { StartAt: 'A', States: { A: { ...task, Resource: unknown, End: true } } },
    'A: Resource is not the ARN of a function with a contract',
  ),
};
