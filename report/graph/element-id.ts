/** The `id` of a state's group in the drawing, by its place among the graph's nodes. */
export function elementId(index: number): string {
  return `state${index}`;
}
