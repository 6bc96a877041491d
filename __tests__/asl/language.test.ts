import validate from 'asl-validator';
import { stateMachine } from '../../asl/language.ts';

const invoke = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: {
    FunctionName: 'arn:aws:lambda:us-east-1:123456789012:function:f',
    Payload: { 'input.$': '$' },
  },
  TimeoutSeconds: 60,
  Retry: [],
} as const;
const failed = { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' } as const;
const catcher = { ErrorEquals: ['States.ALL'], ResultPath: '$.error' } as const;

/** What asl-validator finds wrong; it writes into what it is given. */
function problems(definition: object): string[] {
  return validate(structuredClone(definition)).errors.map((error) => error['Error code']);
}

test('a machine whose targets are all states of it compiles and is valid', () => {
  const machine = stateMachine({
    StartAt: 'First',
    States: {
      First: { ...invoke, Catch: [{ ...catcher, Next: 'Failed' }], Next: 'Last' },
      Last: { ...invoke, End: true },
      Failed: failed,
    },
  });
  expect(problems(machine)).toEqual([]);
});

// The compiler checks the next tests: without the error that each expects, `tsc` fails.

test('a Next that is misspelt does not compile', () => {
  const machine = stateMachine({
    StartAt: 'First',
    States: {
      // @ts-expect-error there is no state Lst
      First: { ...invoke, Next: 'Lst' },
      Last: { ...invoke, End: true },
    },
  });
  expect(problems(machine)).toContain('MISSING_TRANSITION_TARGET');
});

test('a StartAt that is misspelt does not compile', () => {
  const machine = stateMachine({
    // @ts-expect-error there is no state Frst
    StartAt: 'Frst',
    States: { First: { ...invoke, End: true } },
  });
  expect(problems(machine)).toContain('MISSING_TRANSITION_TARGET');
});

test('a catcher with a misspelt target does not compile', () => {
  const machine = stateMachine({
    StartAt: 'First',
    States: {
      // @ts-expect-error there is no state Faild
      First: { ...invoke, Catch: [{ ...catcher, Next: 'Faild' }], End: true },
      Failed: failed,
    },
  });
  expect(problems(machine)).toContain('MISSING_TRANSITION_TARGET');
});

test('a state that both goes on and ends does not compile', () => {
  const machine = stateMachine({
    StartAt: 'First',
    States: {
      // @ts-expect-error Next or End, not both
      First: { ...invoke, Next: 'Last', End: true },
      Last: { ...invoke, End: true },
    },
  });
  expect(problems(machine)).not.toEqual([]);
});

test('an error name that nothing throws does not compile', () => {
  const machine = stateMachine({
    StartAt: 'First',
    States: {
      First: {
        ...invoke,
        // @ts-expect-error the error is named ValidationError
        Catch: [{ ...catcher, ErrorEquals: ['ValidatonError'], Next: 'Failed' }],
        End: true,
      },
      Failed: failed,
    },
  });
  expect(machine.StartAt).toBe('First');
});
