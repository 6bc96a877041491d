import type { StateMachineDefinition } from 'aws-local-stepfunctions';
import type { Definition, MapState } from './definition.ts';

/** The suffix that turns a Map's name into the name of the inserted state that fails an iteration. */
const ITERATION_FAILED = ': iteration failed';

/**
 * Adapts a machine to the interpreter, which runs a DISTRIBUTED Map like an INLINE one. A DISTRIBUTED Map then reports the
 * failure of a child as AWS does, and no Map runs more concurrent iterations than this machine can handle.
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
 * On AWS the Map and its catchers see the failure of a child execution under one name, whatever the error was.
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

/** Whether {@link forInterpreter} inserted the state. */
export function isInserted(stateName: string): boolean {
  return stateName.endsWith(ITERATION_FAILED);
}
