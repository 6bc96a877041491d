/**
 * Compiles random machines, all at once. Those that compile run with random inputs and results: none of their paths
 * leads nowhere, and no function is called with an event that it does not accept.
 */

import { StateMachine as Interpreter } from 'aws-local-stepfunctions';
import fc from 'fast-check';
import { inFull } from '../../support/full-run.ts';
import { compilerErrors } from './compiler.ts';
import { declarations, functions, input, randomMachine } from './random-machines.ts';

const MACHINES = inFull(200, 30);
const RUNS = 20;

/** States that an execution may enter before it is aborted, because a loop may never end. */
const MAX_STATES = 30;

const sampled = fc.sample(randomMachine, { seed: 7, numRuns: MACHINES });

/** One machine per line. Each function is named as it is declared. */
const source = [
  declarations.trim().replaceAll('\n', ' '),
  ...sampled.map((machine, index) => {
    const definition = JSON.stringify(machine).replaceAll(/"@(f\d)"/g, '$1');
    return `export const m${index} = stateMachine<Input>()(${definition});`;
  }),
].join('\n');

let wrong: ReadonlyMap<number, string>;
beforeAll(() => {
  wrong = new Map(compilerErrors(source).map(({ line, text }) => [line - 2, text]));
}, 300_000);

type Json = Parameters<Interpreter['run']>[0];

function tasksIn(value: unknown, found: Map<string, string> = new Map()): Map<string, string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [name, state] of Object.entries(value)) {
    if (state?.Type === 'Task') found.set(name, state.Resource.slice(1));
    tasksIn(state, found);
  }
  return found;
}

class BadEvent extends Error {
  override readonly name = 'BadEvent';
}

/** The name of the error that an execution fails with; `undefined` if it succeeds. */
async function ending(machine: object, start: unknown, gen: fc.GeneratorValue): Promise<string | undefined> {
  const handlers = [...tasksIn(machine)].map(([state, name]) => {
    const behaviour = functions[name];
    const handle = (parameters: Json): Json => {
      const event = Object(parameters);
      if (behaviour === undefined || !behaviour.takes(event))
        throw new BadEvent(`${name} does not accept ${JSON.stringify(event)}`);
      const error = gen(fc.constantFrom<(string | undefined)[]>, undefined, undefined, ...behaviour.errors);
      if (error !== undefined) throw Object.assign(new Error('made up'), { name: error });
      return JSON.parse(JSON.stringify(gen(() => behaviour.result)));
    };
    return [state, handle] as const;
  });
  const waits = JSON.stringify(machine).match(/"S\w+":\{"Type":"Wait"/g) ?? [];
  const run = new Interpreter(JSON.parse(JSON.stringify(machine)), {
    // Validation takes far longer than a run.
    validationOptions: { noValidate: true },
  }).run(JSON.parse(JSON.stringify(start)), {
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(handlers),
      waitTimeOverrides: Object.fromEntries(waits.map((text) => [text.split('"')[1], 0])),
    },
  });
  const watched = (async () => {
    let states = 0;
    for await (const event of run.eventLogs) {
      if (event.type === 'StateEntered' && ++states > MAX_STATES) run.abort();
    }
  })();
  try {
    await run.result;
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { name, message } = error.cause instanceof Error ? error.cause : error;
    return name === 'BadEvent' || name.startsWith('States.') ? `${name}: ${message}` : name;
  } finally {
    await watched;
  }
}

/** The ways an execution may end: success, an error of a function or a Fail state, or an abort in a loop. */
const ALLOWED = new Set([undefined, 'E1', 'E2', 'Failed', 'ExecutionAbortedError']);

test('a machine that compiles never fails with States.Runtime', async () => {
  const valid = sampled.filter((_, index) => !wrong.has(index));
  for (const machine of valid) {
    await fc.assert(
      fc.asyncProperty(input, fc.gen(), async (start, gen) => {
        const end = await ending(machine, start, gen);
        if (!ALLOWED.has(end)) throw new Error(`${end} in ${JSON.stringify(machine)}`);
      }),
      { numRuns: RUNS, seed: 7 },
    );
  }
  process.stdout.write(
    `${valid.length} of ${sampled.length} random machines compile; each ran ${RUNS} times\n`,
  );
  expect(valid.length).toBeGreaterThanOrEqual(sampled.length / 10);
}, 300_000);

test('each compiler error names the state that it is about', () => {
  const withoutState = [...wrong.values()].filter((text) => !/"S\w+: .+"/.test(text));
  expect(withoutState).toEqual([]);
});

test('many of the machines that do not compile do fail with States.Runtime', async () => {
  let failing = 0;
  const some = sampled.filter((_, index) => wrong.has(index)).slice(0, 100);
  for (const machine of some) {
    const runs = fc.sample(fc.tuple(input, fc.gen()), { numRuns: 10, seed: 7 });
    const ends = await Promise.all(
      runs.map(([start, gen]) => ending(machine, start, gen).catch((error: unknown) => String(error))),
    );
    if (ends.some((end) => !ALLOWED.has(end))) failing += 1;
  }
  process.stdout.write(`${failing} of ${some.length} machines that do not compile fail at run time\n`);
  expect(failing).toBeGreaterThan(some.length / 4);
}, 300_000);
