import { UserError } from '../report/terminal/errors.ts';

/** A plan, deploy, destroy or drift check failed or was refused. The message says why, and what to do. */
export class DeployError extends UserError {
  override readonly name = 'DeployError';
}
