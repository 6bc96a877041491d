/** Takes the place of the check of patterns in the functions: it was made when the stack was synthesized. */

export function backtracking(): undefined {
  return undefined;
}
