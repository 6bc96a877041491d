/** The state machine of the pipeline. */

import {
  type Catcher,
  type MapMode,
  type Retrier,
  type StateMachine,
  stateMachine,
  type Template,
} from './language.ts';

/** The functions that the state machine invokes, by the name of their folder under `functions/`. */
export const FUNCTION_NAMES = [
  'fetch-csv',
  'validate-csv',
  'judge-csv',
  'load-to-dynamodb',
  'reconcile-load',
] as const;

export type FunctionName = (typeof FUNCTION_NAMES)[number];

export interface PipelineSettings {
  readonly functionArns: Readonly<Record<FunctionName, string>>;
  readonly mapMode: MapMode;
  /** Chunks that are validated, or loaded, at the same time. */
  readonly maxConcurrency: number;
  /** Seconds that one invocation of a function may take. */
  readonly functionTimeoutSeconds: number;
  /** Seconds that an execution may take. */
  readonly executionTimeoutSeconds: number;
}

/** Seconds that a task waits beyond the function's own timeout, so that Lambda's report comes first. */
const TASK_TIMEOUT_MARGIN = 10;

/**
 * The errors that AWS's documentation of the Lambda integration names as transient, throttling, and what the
 * functions themselves report as such. Full jitter keeps the iterations of a Map from retrying in step.
 */
const retryTransient: Retrier = {
  ErrorEquals: [
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
    'ServiceUnavailableError',
  ],
  IntervalSeconds: 2,
  MaxAttempts: 6,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: 'FULL',
};

/** Keeps the error beside the state's input and goes on to a Fail state. */
function catchAll<Name extends string>(next: Name): Catcher<Name> {
  return { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: next };
}

/** The definition for one environment. */
export function pipeline(settings: PipelineSettings): StateMachine {
  /** What every task has in common; the state adds where its result goes and what follows. */
  const invoke = (name: FunctionName, payload: Template) => ({
    Type: 'Task' as const,
    Resource: 'arn:aws:states:::lambda:invoke' as const,
    Parameters: { FunctionName: settings.functionArns[name], Payload: payload },
    TimeoutSeconds: settings.functionTimeoutSeconds + TASK_TIMEOUT_MARGIN,
    Retry: [retryTransient],
  });

  /** What both Maps have in common: one invocation for each chunk, with a reference to it as its input. */
  const forEachChunk = (itemState: string, name: FunctionName) => ({
    Type: 'Map' as const,
    ItemsPath: '$.chunks' as const,
    ItemSelector: {
      'execution.$': '$$.Execution.Name',
      'source.$': '$.source',
      'format.$': '$.format',
      'chunk.$': '$$.Map.Item.Value',
    } as const,
    MaxConcurrency: settings.maxConcurrency,
    ItemProcessor: {
      ProcessorConfig:
        settings.mapMode === 'INLINE'
          ? { Mode: 'INLINE' as const }
          : { Mode: 'DISTRIBUTED' as const, ExecutionType: 'STANDARD' as const },
      StartAt: itemState,
      States: {
        [itemState]: {
          ...invoke(name, {
            'execution.$': '$.execution',
            'source.$': '$.source',
            'format.$': '$.format',
            'chunk.$': '$.chunk',
          }),
          OutputPath: '$.Payload' as const,
          End: true as const,
        },
      },
    },
    ResultPath: '$.chunks' as const,
  });

  return stateMachine({
    Comment:
      'Checks a CSV file in S3 and loads it into DynamoDB; the states carry references and counts, never rows',
    StartAt: 'FetchCsv',
    TimeoutSeconds: settings.executionTimeoutSeconds,
    States: {
      FetchCsv: {
        Comment: 'Pins one version of the object, reads its header and cuts it into chunks of whole records',
        ...invoke('fetch-csv', { 'execution.$': '$$.Execution.Name', 'input.$': '$' }),
        OutputPath: '$.Payload',
        Catch: [
          // In place of the input, which may be no object that an error could be put beside.
          { ErrorEquals: ['InvalidInputError'], Next: 'InputRefused' },
          catchAll('FetchFailed'),
        ],
        Next: 'ValidateCsv',
      },
      ValidateCsv: {
        Comment: 'Checks every row against the row contract',
        ...forEachChunk('ValidateChunk', 'validate-csv'),
        Catch: [catchAll('ValidateFailed')],
        Next: 'JudgeCsv',
      },
      // After the Map, not inside it: a DISTRIBUTED Map hides the name of a child's error from Catch.
      JudgeCsv: {
        Comment:
          'Merges the rejected rows into one report, and stops here when there are more than is allowed',
        ...invoke('judge-csv', {
          'execution.$': '$$.Execution.Name',
          'source.$': '$.source',
          'format.$': '$.format',
          'chunks.$': '$.chunks',
        }),
        ResultSelector: {
          'read.$': '$.Payload.read',
          'rejected.$': '$.Payload.rejected',
          'report.$': '$.Payload.report',
        },
        ResultPath: '$.verdict',
        Catch: [
          { ErrorEquals: ['ValidationError'], ResultPath: '$.error', Next: 'ValidationFailed' },
          catchAll('JudgeFailed'),
        ],
        Next: 'LoadToDynamoDB',
      },
      LoadToDynamoDB: {
        Comment: 'Writes the accepted rows of every chunk',
        ...forEachChunk('LoadChunk', 'load-to-dynamodb'),
        Catch: [catchAll('LoadFailed')],
        Next: 'ReconcileLoad',
      },
      ReconcileLoad: {
        Comment: 'Adds up the counts and fails unless read = loaded + rejected + duplicates',
        ...invoke('reconcile-load', {
          'execution.$': '$$.Execution.Name',
          'source.$': '$.source',
          'verdict.$': '$.verdict',
          'chunks.$': '$.chunks',
        }),
        OutputPath: '$.Payload',
        Catch: [catchAll('ReconcileFailed')],
        End: true,
      },
      InputRefused: { Type: 'Fail', ErrorPath: '$.Error', CausePath: '$.Cause' },
      FetchFailed: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' },
      // The names of the Maps' failures are fixed, because in DISTRIBUTED mode the children's own are lost: an
      // execution fails with the same error in both modes, and the cause tells the rest.
      ValidateFailed: { Type: 'Fail', Error: 'ValidateFailed', CausePath: '$.error.Cause' },
      ValidationFailed: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' },
      JudgeFailed: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' },
      LoadFailed: { Type: 'Fail', Error: 'LoadFailed', CausePath: '$.error.Cause' },
      ReconcileFailed: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' },
    },
  });
}
