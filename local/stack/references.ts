/** Terraform's `${type.name.attribute}` references, as far as they can be resolved before anything is deployed. */

import { UnsupportedError } from '../../report/terminal/errors.ts';

/** The resources of a synthesized stack: type, name, arguments. */
export type Resources = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;

export interface Account {
  readonly id: string;
  readonly region: string;
}

interface Kind {
  /** The argument that names the resource in AWS; its Terraform `id` as well. */
  readonly name: string;
  readonly arn: (name: string, account: Account) => string;
}

/** Names and ARNs of the kinds of resources that a local run has to do with. */
const KINDS: Readonly<Record<string, Kind>> = {
  aws_lambda_function: {
    name: 'function_name',
    arn: (name, { region, id }) => `arn:aws:lambda:${region}:${id}:function:${name}`,
  },
  aws_sfn_state_machine: {
    name: 'name',
    arn: (name, { region, id }) => `arn:aws:states:${region}:${id}:stateMachine:${name}`,
  },
  aws_s3_bucket: { name: 'bucket', arn: (name) => `arn:aws:s3:::${name}` },
  aws_dynamodb_table: {
    name: 'name',
    arn: (name, { region, id }) => `arn:aws:dynamodb:${region}:${id}:table/${name}`,
  },
  aws_cloudwatch_event_rule: {
    name: 'name',
    arn: (name, { region, id }) => `arn:aws:events:${region}:${id}:rule/${name}`,
  },
  aws_cloudwatch_log_group: {
    name: 'name',
    arn: (name, { region, id }) => `arn:aws:logs:${region}:${id}:log-group:${name}`,
  },
  aws_iam_role: { name: 'name', arn: (name, { id }) => `arn:aws:iam::${id}:role/${name}` },
};

export class References {
  readonly #resources: Resources;
  readonly #account: Account;

  constructor(resources: Resources, account: Account) {
    this.#resources = resources;
    this.#account = account;
  }

  /**
   * The text with every reference in it replaced.
   * @throws UnsupportedError that names the first expression which cannot be resolved.
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
        `The local run cannot evaluate the Terraform expression \${${expression}}; it resolves \${type.name.attribute}.`,
      );
    }
    const resource = this.#resources[type]?.[name];
    if (resource === undefined) {
      throw new UnsupportedError(
        `\${${expression}} refers to ${type}.${name}, which the stack does not have.`,
      );
    }
    const value = this.#attribute(type, resource, attribute);
    if (value === undefined) {
      throw new UnsupportedError(
        `\${${expression}}: the local run does not know ${attribute} of an ${type}.`,
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
    if (kind === undefined || (attribute !== 'id' && attribute !== 'arn')) return undefined;
    const name = this.#attribute(type, resource, kind.name);
    if (name === undefined || attribute === 'id') return name;
    return kind.arn(name, this.#account);
  }
}
