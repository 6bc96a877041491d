import { runnableDefinition } from '../../../local/machine/definition.ts';
import { forInterpreter } from '../../../local/machine/for-interpreter.ts';
import { invoke as invokeResource } from '../fixture.ts';

/** A task as it is once references are resolved. */
const invoke = (name: string, changes: object = {}) =>
  invokeResource(name, { Resource: `arn:aws:lambda:eu-central-1:123456789012:function:${name}`, ...changes });

const machine = (changes: object) => ({ StartAt: 'Do', States: { Do: invoke('task', changes) } });
const map = (changes: object = {}, inner: object = invoke('task')) => ({
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      ItemSelector: { 'item.$': '$$.Map.Item.Value', 'execution.$': '$$.Execution.Name' },
      ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Do', States: { Do: inner } },
      End: true,
      ...changes,
    },
  },
});
const distributed = {
  ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
  StartAt: 'Do',
  States: { Do: invoke('task') },
};

test.each([
  ['a task', machine({ Parameters: { 'name.$': '$$.Execution.Name' } })],
  ['a Map', map()],
  ['a DISTRIBUTED Map', map({ ItemProcessor: distributed, Label: 'each' })],
])('runs %s', (_what, definition) => {
  expect(runnableDefinition(definition)).toEqual(definition);
});

test.each([
  ['JSONata', { ...machine({}), QueryLanguage: 'JSONata' }, '"QueryLanguage"'],
  ['a heartbeat', machine({ HeartbeatSeconds: 5 }), 'States.Do: Unrecognized key: "HeartbeatSeconds"'],
  ['variables', machine({ Assign: { a: 1 } }), '"Assign"'],
  ['no timeout on a task', machine({ TimeoutSeconds: undefined }), 'States.Do.TimeoutSeconds'],
  ['a timeout too long for a timer', machine({ TimeoutSeconds: 2_147_484 }), 'States.Do.TimeoutSeconds'],
  ['another resource', machine({ Resource: 'arn:aws:states:::sns:publish' }), 'States.Do.Resource'],
  ['an item reader', map({ ItemReader: {} }), '"ItemReader"'],
  ['a batcher', map({ ItemBatcher: {} }), '"ItemBatcher"'],
  ['a result writer', map({ ResultWriter: {} }), '"ResultWriter"'],
  ['tolerated failures', map({ ToleratedFailurePercentage: 10 }), '"ToleratedFailurePercentage"'],
  ['a retried Map', map({ Retry: [] }), '"Retry"'],
  [
    'Express children',
    map({ ItemProcessor: { ...distributed, ProcessorConfig: { Mode: 'DISTRIBUTED' } } }),
    'ProcessorConfig',
  ],
  ['a Map in a Map', map({}, map().States.Each), 'States.Each.ItemProcessor.States.Do'],
  ['Parallel', { StartAt: 'Do', States: { Do: { Type: 'Parallel', Branches: [], End: true } } }, 'States.Do'],
  [
    'a name used twice',
    { ...map(), States: { ...map().States, Do: invoke('task') } },
    'Do: two states have this name',
  ],
  ['an unknown first state', { ...machine({}), StartAt: 'Begin' }, 'there is no state Begin to start at'],
  [
    'an unknown first state in a Map',
    map({ ItemProcessor: { ...distributed, StartAt: 'Each' } }),
    'Each: there is no state Each to start at',
  ],
  [
    'an unknown next state',
    machine({ End: undefined, Next: 'After' }),
    'Do: the next state After does not exist',
  ],
  [
    'a next state outside the Map',
    map({}, invoke('task', { End: undefined, Next: 'Each' })),
    'Do: the next state Each does not exist',
  ],
  ['an unknown context path', machine({ InputPath: '$$.Task.Token' }), 'Do: $$.Task.Token'],
  [
    'the context inside a Map',
    map({}, invoke('task', { InputPath: '$$.Execution.Input' })),
    'Do: $$.Execution.Input',
  ],
])('refuses %s', (_what, definition, message) => {
  expect(() => runnableDefinition(definition)).toThrow(message);
});

test('no Map runs more concurrent iterations than this machine allows', () => {
  const bounded = (MaxConcurrency: number) =>
    forInterpreter(runnableDefinition(map({ MaxConcurrency })), 4).States.Each;
  expect([bounded(0), bounded(2), bounded(100)]).toMatchObject([
    { MaxConcurrency: 4 },
    { MaxConcurrency: 2 },
    { MaxConcurrency: 4 },
  ]);
});
