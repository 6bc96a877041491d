import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import type { Definition, MapState } from './definition.ts';

/** Behind a Map's name, the name of the state that ends an iteration of it. */
const ITERATION_FAILED = ': iteration failed';

/**
 * The same machine as the interpreter takes it: a DISTRIBUTED Map, which it runs like an INLINE one, reports the
 * failure of a child as AWS does, and no Map runs more iterations at once than this computer has the means for.
 */
export function forInterpreter(machine: Definition, maxConcurrency: number): StateMachineDefinition {
  const states = Object.entries(machine.States).map(([name, state]) => [
    name,
    state.Type === 'Map'
      ? {
          ...state,
          MaxConcurrency: Math.min(state.MaxConcurrency || maxConcurrency, maxConcurrency),
          ItemProcessor: {
            ...state.ItemProcessor,
            States:
              state.ItemProcessor.ProcessorConfig.Mode === 'INLINE'
                ? state.ItemProcessor.States
                : hidingErrors(name, state.ItemProcessor.States),
          },
        }
      : state,
  ]);
  const { StartAt, TimeoutSeconds } = machine;
  return {
    StartAt,
    ...(TimeoutSeconds !== undefined && { TimeoutSeconds }),
    States: Object.fromEntries(states),
  };
}

/**
 * On AWS the failure of a child execution reaches the Map, and its catchers, under one name whatever it was.
 * Source: "Setting failure thresholds for Distributed Map states" in the Step Functions developer guide.
 */
function hidingErrors(map: string, states: MapState['ItemProcessor']['States']): Record<string, object> {
  const end = `${map}${ITERATION_FAILED}`;
  const hidden = {
    Type: 'Fail',
    Error: 'States.ExceedToleratedFailureThreshold',
    Cause: 'The specified tolerated failure threshold was exceeded',
  };
  const rewritten = Object.entries(states).map(([name, state]): [string, object] => {
    if (state.Type === 'Fail') return [name, hidden];
    if (state.Type !== 'Task') return [name, state];
    const rest = { ErrorEquals: ['States.ALL'], Next: end };
    return [name, { ...state, Catch: [...(state.Catch ?? []), rest] }];
  });
  return { ...Object.fromEntries(rewritten), [end]: hidden };
}

/** Whether the state was put in by {@link forInterpreter}. */
export function isInserted(stateName: string): boolean {
  return stateName.endsWith(ITERATION_FAILED);
}
