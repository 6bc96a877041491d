/** A deployment that did not come about; the message is for the person who started it, and says what to do. */
export class DeployError extends Error {
  override readonly name = 'DeployError';
}
