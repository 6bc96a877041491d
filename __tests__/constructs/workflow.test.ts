import validate from 'asl-validator';
import { TOLD_ERRORS } from '../../asl/errors.ts';
import { byFunction, FUNCTION_NAMES, pipeline } from '../../asl/pipeline.ts';
import { PUT_EVENTS } from '../../asl/upload-event.ts';
import { isRefusal, REFUSALS } from '../../aws/uploads/status.ts';
import { environment, environmentNames } from '../../environments/index.ts';
import { parsed, resources, synthesized } from '../support/stack/stack.ts';

const stacks = new Map(environmentNames.map((name) => [name, synthesized(name)]));

function stateMachineOf(name: string) {
  const stack = stacks.get(name);
  return stack && resources(stack, 'aws_sfn_state_machine')['workflow_state-machine'];
}

test('the state machine logs every event without data, sends traces, and depends on its permissions', () => {
  expect(stateMachineOf('prod')).toEqual({
    name: 'csv-pipeline-prod',
    type: 'STANDARD',
    role_arn: '${aws_iam_role.workflow_role.arn}',
    definition: expect.any(String),
    logging_configuration: {
      level: 'ALL',
      include_execution_data: false,
      log_destination: '${aws_cloudwatch_log_group.workflow_log-group.arn}:*',
    },
    tracing_configuration: { enabled: true },
    depends_on: ['aws_iam_role_policy.workflow_policy'],
  });
});

test('its log group has the retention of the environment', () => {
  const prod = stacks.get('prod');
  expect(prod && resources(prod, 'aws_cloudwatch_log_group', 'workflow_')).toEqual({
    'workflow_log-group': { name: '/aws/vendedlogs/states/csv-pipeline-prod', retention_in_days: 365 },
  });
});

const functionArns = byFunction((name) => `\${aws_lambda_function.${name}_function.qualified_arn}`);

test.each([
  ['local', { mapMode: 'INLINE', maxConcurrency: 4, executionTimeoutSeconds: 7_200 }],
  ['dev', { mapMode: 'INLINE', maxConcurrency: 10, executionTimeoutSeconds: 7_200 }],
  ['staging', { mapMode: 'DISTRIBUTED', maxConcurrency: 40, executionTimeoutSeconds: 7_200 }],
  ['prod', { mapMode: 'DISTRIBUTED', maxConcurrency: 100, executionTimeoutSeconds: 21_600 }],
] as const)(
  'the definition of %s is the pipeline with its settings, and names published versions',
  (name, settings) => {
    expect(parsed(stateMachineOf(name), 'definition')).toEqual(
      pipeline({
        sourceBucket: '${aws_s3_bucket.source_bucket.bucket}',
        reportsBucket: '${aws_s3_bucket.reports_bucket.bucket}',
        functionArns,
        functionTimeoutSeconds: 300,
        ...settings,
      }),
    );
  },
);

/** The fields of a retrier that the tests below need. */
interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly MaxAttempts: number;
  readonly IntervalSeconds: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy: string;
}

/** The retriers of each task of a definition that invokes a function, by the name of its state. */
function retriersOf(definition: unknown): Map<string, readonly Retrier[]> {
  const found = new Map<string, readonly Retrier[]>();
  const visit = ({ States }: { readonly States: object }): void => {
    for (const [name, state] of Object.entries(States)) {
      if (state.Type === 'Task' && state.Resource !== PUT_EVENTS) found.set(name, state.Retry);
      if (state.Type === 'Map') visit(state.ItemProcessor);
    }
  };
  visit(Object(definition));
  return found;
}

describe.each(environmentNames)('every task of %s', (name) => {
  const { executionTimeoutMinutes } = environment(name);
  const retriers = retriersOf(parsed(stateMachineOf(name), 'definition'));

  test('retries a throttled invocation first and by itself, for longer than the execution may take', () => {
    // FetchCsv and ScanCsv invoke the same function, and so do ReportRejects and ReportChanges.
    expect(retriers.size).toBe(FUNCTION_NAMES.length + 2);
    for (const [throttled, ...others] of retriers.values()) {
      expect(throttled).toMatchObject({
        ErrorEquals: ['Lambda.TooManyRequestsException'],
        MaxDelaySeconds: 60,
        JitterStrategy: 'FULL',
      });
      expect(others.flatMap(({ ErrorEquals }) => ErrorEquals)).not.toContain(
        'Lambda.TooManyRequestsException',
      );
      // Delays of 0 to 60 seconds vary by 17.3 seconds each; five standard deviations fewer are all but impossible.
      const { MaxAttempts = 0 } = throttled ?? {};
      const long = MaxAttempts - 5;
      expect(long * 30 - 5 * 17.3 * Math.sqrt(long)).toBeGreaterThan(executionTimeoutMinutes * 60);
      // Source: "Retrying after an error" in the Step Functions developer guide.
      expect(MaxAttempts).toBeLessThan(99_999_999);
    }
  });

  test('retries a function that ran out of memory like any other crash', () => {
    for (const [, , crash] of retriers.values()) {
      expect(crash).toMatchObject({
        ErrorEquals: expect.arrayContaining(['Runtime.OutOfMemory', 'Sandbox.Timedout']),
        MaxAttempts: 2,
      });
    }
  });
});

test('the errors after which an upload counts as rejected are those that `uploads` calls refusals', () => {
  const states = Object.values(Object(parsed(stateMachineOf('prod'), 'definition')).States);
  const leadingTo = (next: string) =>
    states
      .flatMap((state): { ErrorEquals: string[]; Next: string }[] => Object(state).Catch ?? [])
      .filter(({ Next }) => Next === next)
      .flatMap(({ ErrorEquals }) => ErrorEquals);
  expect([...new Set(leadingTo('TellRejected'))].sort()).toEqual(REFUSALS.toSorted());
  expect(leadingTo('TellFailed').filter(isRefusal)).toEqual([]);
  const told = new Set([...leadingTo('TellRejected'), ...leadingTo('TellFailed')]);
  expect([...told].sort()).toEqual(TOLD_ERRORS.toSorted());
});

describe.each(environmentNames)('the definition of %s', (name) => {
  test('is valid Amazon States Language', () => {
    // Parsed only for this test, because the validator modifies its argument.
    const definition = Object(parsed(stateMachineOf(name), 'definition'));
    const result = validate(definition, { checkPaths: true, checkArn: true });
    expect(result.errors).toEqual([]);
    expect(result.isValid).toBe(true);
  });

  test('invokes every function', () => {
    for (const functionName of FUNCTION_NAMES)
      expect(stateMachineOf(name)?.definition).toContain(functionArns[functionName]);
  });
});

test('both kinds of Map occur in some environment', () => {
  const modes = environmentNames.flatMap((name) =>
    ['INLINE', 'DISTRIBUTED'].filter((mode) => String(stateMachineOf(name)?.definition).includes(mode)),
  );
  expect(new Set(modes)).toEqual(new Set(['INLINE', 'DISTRIBUTED']));
});
