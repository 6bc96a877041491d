/** The state machine of the pipeline. */

import { manifest as beginLoad } from '../functions/begin-load/manifest.ts';
import { manifest as compareIndex } from '../functions/compare-index/manifest.ts';
import type { BusinessErrorName, TransientErrorName } from '../functions/core/errors.ts';
import type { Manifest } from '../functions/core/runtime/manifest.ts';
import { manifest as fetchCsv } from '../functions/fetch-csv/manifest.ts';
import { manifest as findDuplicates } from '../functions/find-duplicates/manifest.ts';
import { manifest as judgeCsv } from '../functions/judge-csv/manifest.ts';
import { manifest as loadToDynamoDB } from '../functions/load-to-dynamodb/manifest.ts';
import { manifest as reconcileLoad } from '../functions/reconcile-load/manifest.ts';
import { manifest as removeMissing } from '../functions/remove-missing/manifest.ts';
import { manifest as reportRejects } from '../functions/report-rejects/manifest.ts';
import { manifest as validateCsv } from '../functions/validate-csv/manifest.ts';
import {
  asCaught,
  FILE_ERRORS,
  failing,
  rejecting,
  retryCrash,
  retryTelling,
  retryThrottled,
  retryTransient,
  SOURCE_ERRORS,
  superseded,
} from './errors.ts';
import {
  type Contract,
  type Fields,
  type FunctionArn,
  type MapMode,
  type StateMachine,
  stateMachine,
} from './language/index.ts';
import { loadConcurrency } from './limits.ts';
import { type DetailType, EVENT_SOURCE, PUT_EVENTS } from './upload-event.ts';

/** The functions that the state machine invokes, by their folder's name under `functions/`. */
export const FUNCTIONS = {
  'fetch-csv': fetchCsv,
  'validate-csv': validateCsv,
  'judge-csv': judgeCsv,
  'find-duplicates': findDuplicates,
  'report-rejects': reportRejects,
  'compare-index': compareIndex,
  'begin-load': beginLoad,
  'load-to-dynamodb': loadToDynamoDB,
  'remove-missing': removeMissing,
  'reconcile-load': reconcileLoad,
} as const satisfies Readonly<Record<string, Manifest>>;

export type FunctionName = keyof typeof FUNCTIONS;

/** Their names. `Object.keys` returns plain strings, hence the assertion. */
export const FUNCTION_NAMES = Object.keys(FUNCTIONS) as readonly FunctionName[];

/** A value for each function. */
export function byFunction<Value>(
  make: (name: FunctionName) => Value,
): Readonly<Record<FunctionName, Value>> {
  const entries = FUNCTION_NAMES.map((name) => [name, make(name)]);
  // The compiler cannot see that the entries have a value for each name.
  return Object.fromEntries(entries);
}

/** Their handlers, imported as types only, so that no code of theirs is loaded. */
interface Handlers extends Record<FunctionName, unknown> {
  'fetch-csv': typeof import('../functions/fetch-csv/index.ts').handler;
  'validate-csv': typeof import('../functions/validate-csv/index.ts').handler;
  'judge-csv': typeof import('../functions/judge-csv/index.ts').handler;
  'find-duplicates': typeof import('../functions/find-duplicates/index.ts').handler;
  'report-rejects': typeof import('../functions/report-rejects/index.ts').handler;
  'compare-index': typeof import('../functions/compare-index/index.ts').handler;
  'begin-load': typeof import('../functions/begin-load/index.ts').handler;
  'load-to-dynamodb': typeof import('../functions/load-to-dynamodb/index.ts').handler;
  'remove-missing': typeof import('../functions/remove-missing/index.ts').handler;
  'reconcile-load': typeof import('../functions/reconcile-load/index.ts').handler;
}

/** Errors of any function: invalid settings or input, an upload claimed by another execution, a service unavailable. */
type CommonErrorName =
  | Extract<BusinessErrorName, 'ConfigurationError' | 'InvalidInputError' | 'SupersededError'>
  | TransientErrorName;

/** What a function accepts, returns and throws; the compiler checks the definition against it. */
type ContractOf<Name extends FunctionName> = Contract<
  Handlers[Name],
  CommonErrorName | (typeof FUNCTIONS)[Name]['throws'][number]
>;

/**
 * The input of an execution: it may be anything, until FetchCsv has checked it. The states that read the object's key
 * are those after the check.
 */
export interface PipelineInput {
  readonly key: string;
  readonly [name: string]: unknown;
}

export interface PipelineSettings {
  /** Names of buckets. */
  readonly sourceBucket: string;
  readonly reportsBucket: string;
  readonly functionArns: { readonly [Name in FunctionName]: FunctionArn<ContractOf<Name>> };
  readonly mapMode: MapMode;
  /** Chunks that are validated at the same time. */
  readonly maxConcurrency: number;
  /** Timeout of each function, in seconds. */
  readonly functionTimeoutSeconds: number;
  /** Timeout of an execution, in seconds. */
  readonly executionTimeoutSeconds: number;
}

/** Seconds that a task waits beyond the function's own timeout, so that Lambda reports the timeout first. */
const TASK_TIMEOUT_MARGIN = 10;

/**
 * Seconds between two checks whether another execution has stopped writing, which it usually does within two seconds.
 */
const WRITER_WAIT = 10;

/** Seconds between two checks whether another execution is still loading the same upload. */
const EXECUTION_WAIT = 60;

/** Seconds that putting an event may take. */
const TELL_TIMEOUT = 30;

/** The definition for one environment. */
export function pipeline(settings: PipelineSettings): StateMachine {
  /** What all tasks have in common. Each state adds where its result goes and which state is next. */
  const invoke = <const Name extends FunctionName, const Event extends Fields>(name: Name, event: Event) =>
    ({
      Type: 'Task',
      Resource: settings.functionArns[name],
      Parameters: event,
      TimeoutSeconds: settings.functionTimeoutSeconds + TASK_TIMEOUT_MARGIN,
      Retry: [retryThrottled(settings.executionTimeoutSeconds), retryTransient, retryCrash],
    }) as const;

  /** The part of the event that every task after FetchCsv receives. */
  const job = {
    'execution.$': '$$.Execution.Name',
    'source.$': '$.source',
    'format.$': '$.format',
    'feed.$': '$.feed',
  } as const;

  /** What both Maps have in common: an iteration for each chunk. */
  const eachChunk = { Type: 'Map', ItemsPath: '$.chunks' } as const;
  /** Passes the chunk's range alone, so that each iteration starts at the beginning and without counts. */
  const item = {
    ...job,
    chunk: { 'start.$': '$$.Map.Item.Value.start', 'end.$': '$$.Map.Item.Value.end' },
  } as const;
  /** Takes the execution's name from the item, because a DISTRIBUTED iteration runs in an execution of its own. */
  const itemJob = { ...job, 'execution.$': '$.execution', 'chunk.$': '$.chunk' } as const;
  const processor =
    settings.mapMode === 'INLINE'
      ? ({ Mode: 'INLINE' } as const)
      : ({ Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } as const);
  /** Ends an iteration once its chunk is done, or another execution has claimed the upload. */
  const isChunkDone = <const Done extends string, const Again extends string>(done: Done, again: Again) =>
    ({
      Type: 'Choice',
      Choices: [
        { Variable: '$.chunk.superseded', BooleanEquals: true, Next: done },
        { Variable: '$.chunk.at', NumericGreaterThanEqualsPath: '$.chunk.end', Next: done },
      ],
      Default: again,
    }) as const;

  /** Puts an event on the default bus. If that fails, the execution ends as it would have ended anyway. */
  const tell = <const Type extends DetailType, const Detail extends Fields, const Next extends string>(
    type: Type,
    detail: Detail,
    next: Next,
  ) =>
    ({
      Type: 'Task',
      Resource: PUT_EVENTS,
      Parameters: {
        Entries: [
          {
            Source: EVENT_SOURCE,
            DetailType: type,
            Detail: {
              'pipeline.$': '$$.StateMachine.Name',
              'execution.$': '$$.Execution.Name',
              source: { bucket: settings.sourceBucket, 'key.$': '$$.Execution.Input.key' },
              report: {
                bucket: settings.reportsBucket,
                'prefix.$': "States.Format('reports/{}/{}/', $$.Execution.Input.key, $$.Execution.Name)",
              },
              ...detail,
            },
          },
        ],
      },
      TimeoutSeconds: TELL_TIMEOUT,
      ResultPath: null,
      Retry: [retryTelling],
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: next }],
      Next: next,
    }) as const;
  /** Of a caught error. Its Cause is Lambda's report of it, as JSON. */
  const error = { 'error.$': '$.Error', 'reason.$': 'States.StringToJson($.Cause)' } as const;

  return stateMachine<PipelineInput>()({
    Comment:
      'Checks a CSV file in S3 and loads it into DynamoDB; the states carry references and counts, never rows',
    StartAt: 'FetchCsv',
    TimeoutSeconds: settings.executionTimeoutSeconds,
    States: {
      FetchCsv: {
        Comment:
          'Claims one version of the object in the ledger, reads its header, and cuts it where records probably begin',
        ...invoke('fetch-csv', {
          'execution.$': '$$.Execution.Name',
          'started.$': '$$.Execution.StartTime',
          'input.$': '$$.Execution.Input',
        }),
        Catch: [
          { ErrorEquals: ['InvalidInputError'], Next: 'InputRefused' },
          rejecting(FILE_ERRORS),
          failing(SOURCE_ERRORS),
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
        Comment: 'Another execution is loading this upload, or has crashed: its lease shows which',
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
        Comment: 'Cuts, or decompresses, the file by reading all of it, in as many invocations as that takes',
        ...invoke('fetch-csv', { ...job, 'plan.$': '$.plan', 'chunks.$': '$.chunks' }),
        Catch: [rejecting(FILE_ERRORS), failing(SOURCE_ERRORS), superseded],
        Next: 'IsPlanned',
      },
      ValidateCsv: {
        Comment: 'Checks every row against its dataset, and that each chunk ends where the next one starts',
        ...eachChunk,
        ItemSelector: item,
        ResultPath: '$.chunks',
        MaxConcurrency: settings.maxConcurrency,
        ItemProcessor: {
          ProcessorConfig: processor,
          StartAt: 'ValidateChunk',
          States: {
            ValidateChunk: {
              ...invoke('validate-csv', itemJob),
              ResultPath: '$.chunk',
              Next: 'IsChunkValidated',
            },
            IsChunkValidated: isChunkDone('ChunkValidated', 'ValidateChunk'),
            ChunkValidated: { Type: 'Succeed', OutputPath: '$.chunk' },
          },
        },
        Catch: [failing(SOURCE_ERRORS)],
        Next: 'JudgeCsv',
      },
      // After the Map, not inside it: a DISTRIBUTED Map hides the name of a child's error from Catch.
      JudgeCsv: {
        Comment: 'Adds up what was found in the chunks, and decides what comes next',
        ...invoke('judge-csv', { ...job, 'plan.$': '$.plan', 'chunks.$': '$.chunks' }),
        ResultPath: '$.verdict',
        Catch: [rejecting(['RowCountError']), failing([...SOURCE_ERRORS, 'PlanError']), superseded],
        Next: 'RouteVerdict',
      },
      RouteVerdict: {
        Comment: 'If the chunks do not fit together, a guessed cut was wrong: the file is cut again, exactly',
        Type: 'Choice',
        Choices: [
          {
            And: [
              { Variable: '$.verdict.outcome', StringEquals: 'load' },
              { Variable: '$.feed', IsNull: true },
            ],
            Next: 'BeginLoad',
          },
          { Variable: '$.verdict.outcome', StringEquals: 'load', Next: 'CompareIndex' },
          { Variable: '$.verdict.outcome', StringEquals: 'report', Next: 'ReportRejects' },
          { Variable: '$.verdict.outcome', StringEquals: 'find-duplicates', Next: 'FindDuplicates' },
          { Variable: '$.verdict.outcome', StringEquals: 'decode-again', Next: 'DecodeAgain' },
        ],
        Default: 'ScanCsv',
      },
      DecodeAgain: {
        Comment: 'Not UTF-8: every row is checked again, in the encoding that the dataset allows instead',
        Type: 'Pass',
        Result: 'windows-1252',
        ResultPath: '$.format.encoding',
        Next: 'ValidateCsv',
      },
      FindDuplicates: {
        Comment:
          'Compares the keys of all chunks, in as many invocations as that takes: the last row with a key wins',
        ...invoke('find-duplicates', { ...job, 'chunks.$': '$.chunks', 'verdict.$': '$.verdict' }),
        ResultPath: '$.verdict',
        Catch: [failing(['ConfigurationError']), superseded],
        Next: 'RouteVerdict',
      },
      ReportRejects: {
        Comment:
          'Lists the rejected rows and the duplicates, in as many invocations as that takes; fails if too many are rejected',
        ...invoke('report-rejects', {
          ...job,
          'started.$': '$$.Execution.StartTime',
          'chunks.$': '$.chunks',
          'verdict.$': '$.verdict',
        }),
        ResultPath: '$.verdict.report',
        Catch: [rejecting(['ValidationError']), failing(SOURCE_ERRORS), superseded],
        Next: 'IsReported',
      },
      IsReported: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.verdict.report.done', BooleanEquals: false, Next: 'ReportRejects' },
          { Variable: '$.feed', IsNull: true, Next: 'BeginLoad' },
        ],
        Default: 'CompareIndex',
      },
      CompareIndex: {
        Comment:
          'Compares the accepted rows with what the feed has in the table, and writes what it will have then',
        Type: 'Map',
        ItemsPath: '$.verdict.compared',
        ItemSelector: { ...item, 'chunks.$': '$.chunks', 'verdict.$': '$.verdict' },
        ResultPath: '$.verdict.compared',
        MaxConcurrency: settings.maxConcurrency,
        ItemProcessor: {
          ProcessorConfig: processor,
          StartAt: 'CompareBuckets',
          States: {
            CompareBuckets: {
              ...invoke('compare-index', { ...itemJob, 'chunks.$': '$.chunks', 'verdict.$': '$.verdict' }),
              ResultPath: '$.chunk',
              Next: 'AreBucketsCompared',
            },
            AreBucketsCompared: isChunkDone('BucketsCompared', 'CompareBuckets'),
            BucketsCompared: { Type: 'Succeed', OutputPath: '$.chunk' },
          },
        },
        Catch: [failing(['ConfigurationError'])],
        Next: 'BeginLoad',
      },
      BeginLoad: {
        Comment: 'Waits until no older upload of the object is being written',
        ...invoke('begin-load', {
          ...job,
          'compared.$': '$.verdict.compared',
          'read.$': '$.verdict.read',
          'rejected.$': '$.verdict.rejected',
          'duplicates.$': '$.verdict.duplicates',
        }),
        ResultPath: '$.begin',
        Catch: [
          rejecting(['RemovalGuardError']),
          failing(['IndexMissingError', 'IncompleteLoadError', 'ConfigurationError']),
          superseded,
        ],
        Next: 'CanLoad',
      },
      CanLoad: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.begin.ready', BooleanEquals: true, Next: 'LoadToDynamoDB' },
          { Variable: '$.begin.feed', IsNull: false, Next: 'CompareAgain' },
        ],
        Default: 'AwaitWriter',
      },
      CompareAgain: {
        Comment:
          'Another load has begun since the claim: the rows are compared with what that one has in the table',
        Type: 'Pass',
        Parameters: {
          'source.$': '$.source',
          'format.$': '$.format',
          'feed.$': '$.begin.feed',
          'plan.$': '$.plan',
          'chunks.$': '$.chunks',
        },
        Next: 'ValidateCsv',
      },
      AwaitWriter: { Type: 'Wait', Seconds: WRITER_WAIT, Next: 'BeginLoad' },
      LoadToDynamoDB: {
        Comment: 'Writes the accepted rows of every chunk, at the speed that the table allows',
        ...eachChunk,
        ItemSelector: {
          ...item,
          'load.$': '$.begin.load',
          'writesPerSecond.$': '$.verdict.writesPerSecond',
          'repeated.$': '$.verdict.repeated',
          'dataEnd.$': '$.verdict.dataEnd',
        },
        ResultPath: '$.chunks',
        MaxConcurrency: loadConcurrency(settings),
        ItemProcessor: {
          ProcessorConfig: processor,
          StartAt: 'LoadChunk',
          States: {
            LoadChunk: {
              ...invoke('load-to-dynamodb', {
                ...itemJob,
                'load.$': '$.load',
                'writesPerSecond.$': '$.writesPerSecond',
                'repeated.$': '$.repeated',
                'dataEnd.$': '$.dataEnd',
              }),
              ResultPath: '$.chunk',
              Next: 'IsChunkLoaded',
            },
            IsChunkLoaded: isChunkDone('ChunkLoaded', 'LoadChunk'),
            ChunkLoaded: { Type: 'Succeed', OutputPath: '$.chunk' },
          },
        },
        Catch: [failing(SOURCE_ERRORS)],
        Next: 'AreKeysRemoved',
      },
      AreKeysRemoved: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.begin.removal.done', BooleanEquals: false, Next: 'RemoveMissing' },
          { Variable: '$.begin.changes', IsNull: true, Next: 'ReconcileLoad' },
          { Variable: '$.begin.changes.done', BooleanEquals: true, Next: 'ReconcileLoad' },
        ],
        Default: 'ReportChanges',
      },
      RemoveMissing: {
        Comment: 'Deletes the items whose keys the file lacks, in as many invocations as that takes',
        ...invoke('remove-missing', {
          ...job,
          'load.$': '$.begin.load',
          'removal.$': '$.begin.removal',
        }),
        ResultPath: '$.begin.removal',
        Catch: [failing(['ConfigurationError']), superseded],
        Next: 'AreKeysRemoved',
      },
      ReportChanges: {
        Comment: 'Lists the keys that the load has changed, in as many invocations as that takes',
        ...invoke('report-rejects', {
          ...job,
          'load.$': '$.begin.load',
          'changes.$': '$.begin.changes',
        }),
        ResultPath: '$.begin.changes',
        Catch: [failing(['ConfigurationError']), superseded],
        Next: 'AreKeysRemoved',
      },
      ReconcileLoad: {
        Comment: 'Adds up the counts and fails unless each row that was read is in one of them',
        ...invoke('reconcile-load', {
          ...job,
          'load.$': '$.begin.load',
          'removal.$': '$.begin.removal',
          'changes.$': '$.begin.changes',
          'started.$': '$$.Execution.StartTime',
          'verdict.$': '$.verdict',
          'chunks.$': '$.chunks',
        }),
        Catch: [failing(['IncompleteLoadError', 'ConfigurationError']), superseded],
        Next: 'TellLoaded',
      },
      TellLoaded: tell(
        'Upload Loaded',
        {
          'output.$': '$',
          'message.$':
            "States.Format('{} loaded {}: {} rows read, {} written, {} rejected.', $$.StateMachine.Name, $.source_key, $.read, $.loaded, $.rejected)",
        },
        'Loaded',
      ),
      Loaded: { Type: 'Succeed' },
      AlreadyLoaded: { Type: 'Succeed' },
      Superseded: { Type: 'Succeed' },
      InputRefused: { Type: 'Fail', ...asCaught },
      TellRejected: tell(
        'Upload Rejected',
        {
          ...error,
          'message.$':
            "States.Format('{} rejected {}: {}. Nothing of the file was loaded. The execution {} says why.', $$.StateMachine.Name, $$.Execution.Input.key, $.Error, $$.Execution.Name)",
        },
        'Rejected',
      ),
      TellFailed: tell(
        'Upload Failed',
        {
          ...error,
          'message.$':
            "States.Format('{} could not load {}: {}. The execution {} says why.', $$.StateMachine.Name, $$.Execution.Input.key, $.Error, $$.Execution.Name)",
        },
        'Failed',
      ),
      Rejected: { Type: 'Fail', ...asCaught },
      Failed: { Type: 'Fail', ...asCaught },
    },
  });
}
