/**
 * The parts of a definition that the interpreter (aws-local-stepfunctions) runs like AWS. It ignores every field that it
 * does not know, so anything that is not listed here is rejected.
 */

import { z } from 'zod';
import { graphOf } from '../../report/graph/graph.ts';
import { UnsupportedError } from '../../report/terminal/errors.ts';

/** The longest time, in seconds, that a timer of Node.js can wait. A longer timer would fire at once. */
const MAX_TIMER_SECONDS = 2_147_483;

const seconds = z.int().min(1).max(MAX_TIMER_SECONDS);
const path = z.string().startsWith('$');
const template = z.record(z.string(), z.json());
const flow = { Comment: z.string().optional(), Next: z.string().optional(), End: z.literal(true).optional() };
const inputOutput = { InputPath: path.nullable().optional(), OutputPath: path.nullable().optional() };
const result = { ResultSelector: template.optional(), ResultPath: path.nullable().optional() };

const retriers = z.array(
  z.strictObject({
    ErrorEquals: z.array(z.string()),
    IntervalSeconds: z.int().min(1).optional(),
    MaxAttempts: z.int().min(0).optional(),
    BackoffRate: z.number().min(1).optional(),
    MaxDelaySeconds: z.int().min(1).optional(),
    JitterStrategy: z.enum(['FULL', 'NONE']).optional(),
    Comment: z.string().optional(),
  }),
);
const catchers = z.array(
  z.strictObject({
    ErrorEquals: z.array(z.string()),
    ResultPath: path.nullable().optional(),
    Next: z.string(),
    Comment: z.string().optional(),
  }),
);

/** Step Functions' own integration that puts events on a bus of EventBridge. */
export const PUT_EVENTS = 'arn:aws:states:::events:putEvents';

const task = z.strictObject({
  ...flow,
  ...inputOutput,
  ...result,
  Type: z.literal('Task'),
  Resource: z
    .string()
    .regex(
      /^arn:(?:[\w-]+:lambda:|aws:states:::events:putEvents$)/,
      `must be a Lambda function's ARN, or ${PUT_EVENTS}`,
    ),
  Parameters: template.optional(),
  // Required, because the default is 60 seconds in the interpreter and three years on AWS.
  TimeoutSeconds: seconds,
  Retry: retriers.optional(),
  Catch: catchers.optional(),
});
const pass = z.strictObject({
  ...flow,
  ...inputOutput,
  Type: z.literal('Pass'),
  Result: z.json().optional(),
  Parameters: template.optional(),
  ResultPath: path.nullable().optional(),
});
const wait = z.strictObject({ ...flow, ...inputOutput, Type: z.literal('Wait'), Seconds: seconds });
const choice = z.strictObject({
  ...inputOutput,
  Comment: z.string().optional(),
  Type: z.literal('Choice'),
  Choices: z.array(template),
  Default: z.string().optional(),
});
const succeed = z.strictObject({
  ...inputOutput,
  Comment: z.string().optional(),
  Type: z.literal('Succeed'),
});
const fail = z.strictObject({
  Comment: z.string().optional(),
  Type: z.literal('Fail'),
  Error: z.string().optional(),
  ErrorPath: path.optional(),
  Cause: z.string().optional(),
  CausePath: path.optional(),
});

const map = z.strictObject({
  ...flow,
  ...inputOutput,
  ...result,
  Type: z.literal('Map'),
  ItemsPath: path.optional(),
  ItemSelector: template.optional(),
  MaxConcurrency: z.int().min(0).optional(),
  Label: z.string().max(40).optional(),
  Catch: catchers.optional(),
  ItemProcessor: z.strictObject({
    ProcessorConfig: z.union([
      z.strictObject({ Mode: z.literal('INLINE') }),
      z.strictObject({ Mode: z.literal('DISTRIBUTED'), ExecutionType: z.literal('STANDARD') }),
    ]),
    Comment: z.string().optional(),
    StartAt: z.string(),
    // No Map inside a Map: the interpreter's events do not say which Map an iteration belongs to.
    States: z.record(z.string(), z.discriminatedUnion('Type', [task, pass, wait, choice, succeed, fail])),
  }),
});

const definition = z.strictObject({
  Comment: z.string().optional(),
  StartAt: z.string(),
  TimeoutSeconds: seconds.optional(),
  States: z.record(z.string(), z.discriminatedUnion('Type', [task, map, pass, wait, choice, succeed, fail])),
});

export type Definition = z.output<typeof definition>;
export type TaskState = z.output<typeof task>;
export type MapState = z.output<typeof map>;

/** The parts of the context object that a local execution has and whose value never changes during the execution. */
const CONTEXT_PATHS = new Set([
  '$$.Execution.Id',
  '$$.Execution.Input',
  '$$.Execution.Name',
  '$$.Execution.RoleArn',
  '$$.Execution.StartTime',
  '$$.StateMachine.Id',
  '$$.StateMachine.Name',
]);
const ITEM_CONTEXT_PATHS = new Set([...CONTEXT_PATHS, '$$.Map.Item.Index', '$$.Map.Item.Value']);

/**
 * Checks that the interpreter runs a definition like AWS, and returns the definition.
 * @throws UnsupportedError when it does not; the message names each state and the part that is not supported.
 */
export function runnableDefinition(value: unknown): Definition {
  const parsed = definition.safeParse(value);
  const problems = parsed.success
    ? [...repeatedNames(parsed.data), ...unknownStates(parsed.data), ...contextPaths(parsed.data)]
    : parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the machine'}: ${issue.message}`);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new UnsupportedError(
    `The local run cannot run the state machine like AWS:\n${problems.map((line) => `  ${line}`).join('\n')}`,
  );
}

/** The tasks of the machine and of its Maps, by name. A task inside a Map comes with the Map's name. */
export function tasksOf(
  machine: Definition,
): Map<string, { readonly task: TaskState; readonly map?: string }> {
  const tasks = new Map<string, { task: TaskState; map?: string }>();
  for (const [name, state] of Object.entries(machine.States)) {
    if (state.Type === 'Task') tasks.set(name, { task: state });
    if (state.Type !== 'Map') continue;
    for (const [inner, innerState] of Object.entries(state.ItemProcessor.States)) {
      if (innerState.Type === 'Task') tasks.set(inner, { task: innerState, map: name });
    }
  }
  return tasks;
}

/** The interpreter identifies a task only by the name of its state. */
function repeatedNames(machine: Definition): string[] {
  const names = Object.entries(machine.States).flatMap(([name, state]) =>
    state.Type === 'Map' ? [name, ...Object.keys(state.ItemProcessor.States)] : [name],
  );
  return names
    .filter((name, position) => names.indexOf(name) !== position)
    .map((name) => `${name}: two states have this name`);
}

/** The interpreter would only notice when it gets there. */
function unknownStates(machine: Definition): string[] {
  const { start, starts, nodes, edges } = graphOf(machine);
  const isKnown = (name: string, parent?: string) =>
    nodes.some((node) => node.name === name && node.parent === parent);
  const parentOf = (name: string) => nodes.find((node) => node.name === name)?.parent;
  return [
    ...(isKnown(start) ? [] : [`the machine: there is no state ${start} to start at`]),
    ...Object.entries(starts).flatMap(([parent, first]) =>
      first
        .filter((name) => !isKnown(name, parent))
        .map((name) => `${parent}: there is no state ${name} to start at`),
    ),
    ...edges
      .filter(({ from, to }) => !isKnown(to, parentOf(from)))
      .map(({ from, to }) => `${from}: the next state ${to} does not exist`),
  ];
}

/** Inside a Map, each iteration has its own context in the interpreter, but the execution's context on AWS. */
function contextPaths(machine: Definition): string[] {
  return Object.entries(machine.States).flatMap(([name, state]) => {
    if (state.Type !== 'Map') return unknownContext(name, state, CONTEXT_PATHS);
    const { ItemProcessor, ItemSelector, ...rest } = state;
    return [
      ...unknownContext(name, rest, CONTEXT_PATHS),
      ...unknownContext(name, ItemSelector, ITEM_CONTEXT_PATHS),
      ...Object.entries(ItemProcessor.States).flatMap(([inner, innerState]) =>
        unknownContext(inner, innerState, new Set()),
      ),
    ];
  });
}

function unknownContext(state: string, value: unknown, known: ReadonlySet<string>): string[] {
  const paths = JSON.stringify(value)?.match(/\$\$[\w.[\]'*-]*/g) ?? [];
  return (
    paths
      // Any path into an item, or into the input, is supported.
      .map((found) => found.replace(/^(\$\$\.(?:Map\.Item\.Value|Execution\.Input))\..*/, '$1'))
      .filter((found) => !known.has(found))
      .map((found) => `${state}: ${found} is missing from the local context object, or differs from AWS`)
  );
}
