/** The `id` of a state's group in the drawing, from the index of its node in the graph. */
export function elementId(index: number): string {
  return `state${index}`;
}
