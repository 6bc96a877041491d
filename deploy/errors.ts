import { UserError } from '../report/terminal/errors.ts';

/** A deployment that did not come about; the message is for the person who started it, and says what to do. */
export class DeployError extends UserError {
  override readonly name = 'DeployError';
}
