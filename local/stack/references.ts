/** Resolves Terraform's `${type.name.attribute}` references, as far as that is possible without a deployment. */

import { UnsupportedError } from '../../report/terminal/errors.ts';

/** The arguments of a synthesized stack's resources, by type and by name. */
export type Resources = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

/** The version of all functions: the first one that Lambda would publish. */
export const FUNCTION_VERSION = '1';

export interface Account {
  readonly id: string;
  readonly region: string;
}

interface Kind {
  /** The argument that holds the resource's name on AWS, which is also its Terraform `id`. */
  readonly name: string;
  /** The ARN, with `NAME` for that name, and with `ACCOUNT` and `REGION`. */
  readonly arn: string;
  /** The same, of a function's version. */
  readonly qualified_arn?: string;
}

const FUNCTION_ARN = 'arn:aws:lambda:REGION:ACCOUNT:function:NAME';

/** The names and ARNs of the resource types that a local run uses. */
const KINDS: Readonly<Record<string, Kind>> = {
  aws_lambda_function: {
    name: 'function_name',
    arn: FUNCTION_ARN,
    qualified_arn: `${FUNCTION_ARN}:${FUNCTION_VERSION}`,
  },
  aws_sfn_state_machine: { name: 'name', arn: 'arn:aws:states:REGION:ACCOUNT:stateMachine:NAME' },
  aws_s3_bucket: { name: 'bucket', arn: 'arn:aws:s3:::NAME' },
  aws_dynamodb_table: { name: 'name', arn: 'arn:aws:dynamodb:REGION:ACCOUNT:table/NAME' },
  aws_cloudwatch_event_rule: { name: 'name', arn: 'arn:aws:events:REGION:ACCOUNT:rule/NAME' },
  aws_cloudwatch_log_group: { name: 'name', arn: 'arn:aws:logs:REGION:ACCOUNT:log-group:NAME' },
  aws_sns_topic: { name: 'name', arn: 'arn:aws:sns:REGION:ACCOUNT:NAME' },
  aws_iam_role: { name: 'name', arn: 'arn:aws:iam::ACCOUNT:role/NAME' },
};

export class References {
  readonly #resources: Resources;
  readonly #account: Account;

  constructor(resources: Resources, account: Account) {
    this.#resources = resources;
    this.#account = account;
  }

  /**
   * Replaces every reference in a string.
   * @throws UnsupportedError when an expression cannot be resolved; the message names the first one.
   */
  resolve(text: string): string {
    if (/(?<!%)%\{/.test(text)) {
      throw new UnsupportedError(
        `The local run cannot evaluate the Terraform directive in ${JSON.stringify(text)}.`,
      );
    }
    return text.replaceAll(/(\$?)\$\{([^}]*)\}/g, (whole, escaped: string, expression: string) =>
      escaped === '' ? this.#evaluate(expression.trim()) : whole.slice(1),
    );
  }

  #evaluate(expression: string): string {
    const [, type, name, attribute] = /^([a-z]\w*)\.([\w-]+)\.(\w+)$/.exec(expression) ?? [];
    if (type === undefined || name === undefined || attribute === undefined) {
      throw new UnsupportedError(
        `The local run cannot evaluate the Terraform expression \${${expression}}. It only resolves \${type.name.attribute}.`,
      );
    }
    const resource = this.#resources[type]?.[name];
    if (resource === undefined) {
      throw new UnsupportedError(`\${${expression}} refers to ${type}.${name}, which is not in the stack.`);
    }
    const value = this.#attribute(type, resource, attribute);
    if (value === undefined) {
      throw new UnsupportedError(
        `The local run cannot resolve \${${expression}}: it does not know the attribute ${attribute} of ${type}.`,
      );
    }
    return value;
  }

  #attribute(
    type: string,
    resource: Readonly<Record<string, unknown>>,
    attribute: string,
  ): string | undefined {
    const argument = resource[attribute];
    if (typeof argument === 'string') return this.resolve(argument);
    const kind = KINDS[type];
    if (kind === undefined) return undefined;
    if (attribute === 'id') return this.#attribute(type, resource, kind.name);
    const arn = attribute === 'arn' || attribute === 'qualified_arn' ? kind[attribute] : undefined;
    const name = arn === undefined ? undefined : this.#attribute(type, resource, kind.name);
    if (arn === undefined || name === undefined) return undefined;
    const { id: ACCOUNT, region: REGION } = this.#account;
    const parts: Readonly<Record<string, string>> = { NAME: name, ACCOUNT, REGION };
    return arn.replaceAll(/NAME|ACCOUNT|REGION/g, (part) => parts[part] ?? part);
  }
}
