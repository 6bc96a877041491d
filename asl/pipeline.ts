/** The state machine of the pipeline. */

import type { Contracts, FunctionName, PipelineInput } from './contracts.ts';
import {
  asCaught,
  caught,
  FETCH_ERRORS,
  retryCrash,
  retryTransient,
  SOURCE_ERRORS,
  superseded,
} from './errors.ts';
import {
  type Fields,
  type FunctionArn,
  type MapMode,
  type StateMachine,
  stateMachine,
} from './language/index.ts';

/** The functions that the state machine invokes, by the name of their folder under `functions/`. */
export const FUNCTION_NAMES = [
  'fetch-csv',
  'validate-csv',
  'judge-csv',
  'find-duplicates',
  'report-rejects',
  'begin-load',
  'load-to-dynamodb',
  'reconcile-load',
] as const satisfies readonly FunctionName[];

export type { FunctionName };

export interface PipelineSettings {
  readonly functionArns: { readonly [Name in FunctionName]: FunctionArn<Contracts[Name]> };
  readonly mapMode: MapMode;
  /** Chunks that are validated at the same time. */
  readonly maxConcurrency: number;
  /** Seconds that one invocation of a function may take. */
  readonly functionTimeoutSeconds: number;
  /** Seconds that an execution may take. */
  readonly executionTimeoutSeconds: number;
}

/**
 * The most chunks that a file is cut into. An INLINE Map writes into the execution's one history, which holds 25,000
 * events (source: "Step Functions service quotas"): a file that is cut twice and decoded twice goes through four Maps,
 * with 11 events an iteration; for 300 chunks these are 13,200, and leave room for 1,600 invocations of `LoadChunk`
 * that go on where the one before had to stop. A DISTRIBUTED Map has a
 * history for each chunk, and only the size of a state, 256 KiB, is a limit on how many there are.
 */
export function maxChunks(mapMode: MapMode): number {
  return mapMode === 'INLINE' ? 300 : 1_000;
}

/**
 * Chunks that are loaded at the same time: few, because a function that waits for the table is paid for, and takes 7
 * events of an INLINE Map's history every time that its time runs out. With a hundred of them, a table that takes 4,000
 * writes a second would cost a quarter more. `docs/scale.md` says how many rows these can write; with more memory they
 * have more of a processor, and write more.
 */
export function loadConcurrency({ maxConcurrency }: Pick<PipelineSettings, 'maxConcurrency'>): number {
  return Math.min(4, maxConcurrency);
}

/** Seconds that a task waits beyond the function's own timeout, so that Lambda's report comes first. */
const TASK_TIMEOUT_MARGIN = 10;

/** Seconds until it is looked again whether an execution that writes has stopped, which takes it some two seconds. */
const WRITER_WAIT = 10;

/** Seconds until it is looked again whether an execution still loads the same upload. */
const EXECUTION_WAIT = 60;

/** Where a chunk stands, as its function gives it back, to go on with it from there. */
const progress = {
  'start.$': '$.Payload.start',
  'end.$': '$.Payload.end',
  'at.$': '$.Payload.at',
  'read.$': '$.Payload.read',
  'rejected.$': '$.Payload.rejected',
  'superseded.$': '$.Payload.superseded',
} as const;

/** Takes the verdict as a function gives it. */
const verdict = {
  ResultSelector: {
    'outcome.$': '$.Payload.outcome',
    'writesPerSecond.$': '$.Payload.writesPerSecond',
    'read.$': '$.Payload.read',
    'rejected.$': '$.Payload.rejected',
    'repeated.$': '$.Payload.repeated',
    'duplicates.$': '$.Payload.duplicates',
    'bucket.$': '$.Payload.bucket',
    'accepted.$': '$.Payload.accepted',
    'judged.$': '$.Payload.judged',
    'report.$': '$.Payload.report',
  },
  ResultPath: '$.verdict',
} as const;

/** The definition for one environment. */
export function pipeline(settings: PipelineSettings): StateMachine {
  /** What every task has in common; the state adds where its result goes and what follows. */
  const invoke = <const Name extends FunctionName, const Payload extends Fields>(
    name: Name,
    payload: Payload,
  ) =>
    ({
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: settings.functionArns[name], Payload: payload },
      TimeoutSeconds: settings.functionTimeoutSeconds + TASK_TIMEOUT_MARGIN,
      Retry: [retryTransient, retryCrash],
    }) as const;

  /** What both Maps have in common: an iteration for each chunk, whose input is a reference to it and counts from zero. */
  const eachChunk = { Type: 'Map', ItemsPath: '$.chunks' } as const;
  const item = {
    'execution.$': '$$.Execution.Name',
    'source.$': '$.source',
    'format.$': '$.format',
  } as const;
  const chunk = {
    'start.$': '$$.Map.Item.Value.start',
    'end.$': '$$.Map.Item.Value.end',
    'at.$': '$$.Map.Item.Value.start',
    read: 0,
    rejected: 0,
    superseded: false,
  } as const;
  const processor =
    settings.mapMode === 'INLINE'
      ? ({ Mode: 'INLINE' } as const)
      : ({ Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } as const);
  const isChunkDone = { Variable: '$.chunk.at', NumericGreaterThanEqualsPath: '$.chunk.end' } as const;
  const isSuperseded = { Variable: '$.chunk.superseded', BooleanEquals: true } as const;
  const whole = {
    'execution.$': '$.execution',
    'source.$': '$.source',
    'format.$': '$.format',
    'chunk.$': '$.chunk',
  } as const;

  return stateMachine<PipelineInput>()({
    Comment:
      'Checks a CSV file in S3 and loads it into DynamoDB; the states carry references and counts, never rows',
    StartAt: 'FetchCsv',
    TimeoutSeconds: settings.executionTimeoutSeconds,
    States: {
      FetchCsv: {
        Comment:
          'Enters one version of the object into the ledger, reads its header, and cuts it where records probably begin',
        ...invoke('fetch-csv', { 'execution.$': '$$.Execution.Name', 'input.$': '$$.Execution.Input' }),
        OutputPath: '$.Payload',
        Catch: [
          // In place of the input, which may be no object that an error could be put beside.
          { ErrorEquals: ['InvalidInputError'], Next: 'InputRefused' },
          caught(FETCH_ERRORS, 'FetchFailed'),
        ],
        Next: 'IsClaimed',
      },
      IsClaimed: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.outcome', StringEquals: 'plan', Next: 'IsPlanned' },
          { Variable: '$.outcome', StringEquals: 'already-loaded', Next: 'AlreadyLoaded' },
          { Variable: '$.outcome', StringEquals: 'superseded', Next: 'Superseded' },
        ],
        Default: 'AwaitExecution',
      },
      AwaitExecution: {
        Comment: 'Another execution loads this upload, or has died: its lease will tell',
        Type: 'Wait',
        Seconds: EXECUTION_WAIT,
        Next: 'FetchCsv',
      },
      IsPlanned: {
        Type: 'Choice',
        Choices: [{ Variable: '$.plan.done', BooleanEquals: true, Next: 'ValidateCsv' }],
        Default: 'ScanCsv',
      },
      ScanCsv: {
        Comment: 'Cuts, or unpacks, the file by reading all of it, in as many invocations as that takes',
        ...invoke('fetch-csv', {
          'execution.$': '$$.Execution.Name',
          'source.$': '$.source',
          'format.$': '$.format',
          'plan.$': '$.plan',
          'chunks.$': '$.chunks',
        }),
        OutputPath: '$.Payload',
        Catch: [caught(FETCH_ERRORS, 'FetchFailed'), superseded],
        Next: 'IsPlanned',
      },
      ValidateCsv: {
        Comment: 'Checks every row against its dataset, and that each chunk ends where the next one starts',
        ...eachChunk,
        ItemSelector: {
          ...item,
          chunk: { ...chunk, lines: 0, rejectParts: 0, keyRuns: 0, repeated: 0, text: 'ascii' },
        },
        ResultPath: '$.chunks',
        MaxConcurrency: settings.maxConcurrency,
        ItemProcessor: {
          ProcessorConfig: processor,
          StartAt: 'ValidateChunk',
          States: {
            ValidateChunk: {
              ...invoke('validate-csv', whole),
              ResultSelector: {
                ...progress,
                'lines.$': '$.Payload.lines',
                'rejectParts.$': '$.Payload.rejectParts',
                'keyRuns.$': '$.Payload.keyRuns',
                'repeated.$': '$.Payload.repeated',
                'text.$': '$.Payload.text',
              },
              ResultPath: '$.chunk',
              Next: 'IsChunkValidated',
            },
            IsChunkValidated: {
              Type: 'Choice',
              Choices: [
                { ...isSuperseded, Next: 'ChunkValidated' },
                { ...isChunkDone, Next: 'ChunkValidated' },
              ],
              Default: 'ValidateChunk',
            },
            ChunkValidated: { Type: 'Succeed', OutputPath: '$.chunk' },
          },
        },
        Catch: [caught(SOURCE_ERRORS, 'ValidateFailed')],
        Next: 'JudgeCsv',
      },
      // After the Map, not inside it: a DISTRIBUTED Map hides the name of a child's error from Catch.
      JudgeCsv: {
        Comment: 'Adds up what was found in the chunks, and says how to go on',
        ...invoke('judge-csv', {
          'execution.$': '$$.Execution.Name',
          'source.$': '$.source',
          'format.$': '$.format',
          'plan.$': '$.plan',
          'chunks.$': '$.chunks',
        }),
        ...verdict,
        Catch: [caught([...SOURCE_ERRORS, 'PlanError'], 'JudgeFailed'), superseded],
        Next: 'RouteVerdict',
      },
      RouteVerdict: {
        Comment: 'When the chunks do not fit together, a guess was wrong: the file is cut again, exactly',
        Type: 'Choice',
        Choices: [
          { Variable: '$.verdict.outcome', StringEquals: 'load', Next: 'BeginLoad' },
          { Variable: '$.verdict.outcome', StringEquals: 'report', Next: 'ReportRejects' },
          { Variable: '$.verdict.outcome', StringEquals: 'find-duplicates', Next: 'FindDuplicates' },
          { Variable: '$.verdict.outcome', StringEquals: 'decode-again', Next: 'DecodeAgain' },
        ],
        Default: 'ScanCsv',
      },
      DecodeAgain: {
        Comment: 'Not UTF-8: every row is checked once more, in the encoding that the dataset allows instead',
        Type: 'Pass',
        Result: 'windows-1252',
        ResultPath: '$.format.encoding',
        Next: 'ValidateCsv',
      },
      FindDuplicates: {
        Comment:
          'Compares the keys of all chunks, in as many invocations as that takes: the last row with a key wins',
        ...invoke('find-duplicates', {
          'execution.$': '$$.Execution.Name',
          'source.$': '$.source',
          'format.$': '$.format',
          'chunks.$': '$.chunks',
          'verdict.$': '$.verdict',
        }),
        ...verdict,
        Catch: [caught(['ConfigurationError'], 'FindDuplicatesFailed'), superseded],
        Next: 'RouteVerdict',
      },
      ReportRejects: {
        Comment:
          'Lists the rejected rows and the duplicates, in as many invocations as that takes; stops here when there are too many',
        ...invoke('report-rejects', {
          'execution.$': '$$.Execution.Name',
          'started.$': '$$.Execution.StartTime',
          'source.$': '$.source',
          'format.$': '$.format',
          'chunks.$': '$.chunks',
          'verdict.$': '$.verdict',
        }),
        ResultSelector: {
          'done.$': '$.Payload.done',
          'list.$': '$.Payload.list',
          'chunk.$': '$.Payload.chunk',
          'part.$': '$.Payload.part',
          'within.$': '$.Payload.within',
          'lines.$': '$.Payload.lines',
          'listed.$': '$.Payload.listed',
          'files.$': '$.Payload.files',
          'first.$': '$.Payload.first',
        },
        ResultPath: '$.verdict.report',
        Catch: [
          caught(['ValidationError'], 'ValidationFailed'),
          caught(SOURCE_ERRORS, 'ReportFailed'),
          superseded,
        ],
        Next: 'IsReported',
      },
      IsReported: {
        Type: 'Choice',
        Choices: [{ Variable: '$.verdict.report.done', BooleanEquals: true, Next: 'BeginLoad' }],
        Default: 'ReportRejects',
      },
      BeginLoad: {
        Comment: 'Not before an older upload of the object has stopped to be loaded',
        ...invoke('begin-load', { 'execution.$': '$$.Execution.Name', 'source.$': '$.source' }),
        ResultSelector: { 'ready.$': '$.Payload.ready' },
        ResultPath: '$.begin',
        Catch: [caught(['ConfigurationError'], 'LoadFailed'), superseded],
        Next: 'CanLoad',
      },
      CanLoad: {
        Type: 'Choice',
        Choices: [{ Variable: '$.begin.ready', BooleanEquals: true, Next: 'LoadToDynamoDB' }],
        Default: 'AwaitWriter',
      },
      AwaitWriter: { Type: 'Wait', Seconds: WRITER_WAIT, Next: 'BeginLoad' },
      LoadToDynamoDB: {
        Comment: 'Writes the accepted rows of every chunk, however long the table takes for them',
        ...eachChunk,
        ItemSelector: {
          ...item,
          'writesPerSecond.$': '$.verdict.writesPerSecond',
          'repeated.$': '$.verdict.repeated',
          chunk: { ...chunk, loaded: 0, duplicates: 0 },
        },
        ResultPath: '$.chunks',
        MaxConcurrency: loadConcurrency(settings),
        ItemProcessor: {
          ProcessorConfig: processor,
          StartAt: 'LoadChunk',
          States: {
            LoadChunk: {
              ...invoke('load-to-dynamodb', {
                ...whole,
                'writesPerSecond.$': '$.writesPerSecond',
                'repeated.$': '$.repeated',
              }),
              ResultSelector: {
                ...progress,
                'loaded.$': '$.Payload.loaded',
                'duplicates.$': '$.Payload.duplicates',
              },
              ResultPath: '$.chunk',
              Next: 'IsChunkLoaded',
            },
            IsChunkLoaded: {
              Type: 'Choice',
              Choices: [
                { ...isSuperseded, Next: 'ChunkLoaded' },
                { ...isChunkDone, Next: 'ChunkLoaded' },
              ],
              Default: 'LoadChunk',
            },
            ChunkLoaded: { Type: 'Succeed', OutputPath: '$.chunk' },
          },
        },
        Catch: [caught(SOURCE_ERRORS, 'LoadFailed')],
        Next: 'ReconcileLoad',
      },
      ReconcileLoad: {
        Comment: 'Adds up the counts and fails unless read = loaded + rejected + duplicates',
        ...invoke('reconcile-load', {
          'execution.$': '$$.Execution.Name',
          'started.$': '$$.Execution.StartTime',
          'source.$': '$.source',
          'format.$': '$.format',
          'verdict.$': '$.verdict',
          'chunks.$': '$.chunks',
        }),
        OutputPath: '$.Payload',
        Catch: [caught(['IncompleteLoadError', 'ConfigurationError'], 'ReconcileFailed'), superseded],
        Next: 'Loaded',
      },
      Loaded: { Type: 'Succeed' },
      AlreadyLoaded: { Type: 'Succeed' },
      Superseded: { Type: 'Succeed' },
      InputRefused: { Type: 'Fail', ErrorPath: '$.Error', CausePath: '$.Cause' },
      FetchFailed: { Type: 'Fail', ...asCaught },
      ValidateFailed: { Type: 'Fail', ...asCaught },
      ValidationFailed: { Type: 'Fail', ...asCaught },
      JudgeFailed: { Type: 'Fail', ...asCaught },
      FindDuplicatesFailed: { Type: 'Fail', ...asCaught },
      ReportFailed: { Type: 'Fail', ...asCaught },
      LoadFailed: { Type: 'Fail', ...asCaught },
      ReconcileFailed: { Type: 'Fail', ...asCaught },
    },
  });
}
