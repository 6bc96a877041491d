/** Advice on common errors of Terraform and of the AWS provider. */

interface Advice {
  /** Matches a part of Terraform's output. */
  readonly when: RegExp;
  readonly advice: string;
}

const ADVICE: readonly Advice[] = [
  {
    when: /Unsupported Terraform Core version/,
    advice:
      'This Terraform is too old. Install 1.10 or later, which can lock a state in S3 without a table: https://developer.hashicorp.com/terraform/install',
  },
  {
    when: /AWS account ID not allowed|AWS Account ID not allowed/,
    advice:
      'The credentials belong to a different account than the accountId of the environment. Use the credentials of that account (AWS_PROFILE), or correct accountId in environments/. Nothing was planned.',
  },
  {
    when: /No valid credential sources|no EC2 IMDS role found|InvalidClientTokenId|ExpiredToken|security token included in the request is (?:invalid|expired)/,
    advice:
      'There are no AWS credentials, or they have expired. Sign in (aws sso login, then AWS_PROFILE=…) or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; for the environment local, set AWS_ENDPOINT_URL to the address of an emulator instead. Nothing was planned.',
  },
  {
    when: /Error acquiring the state lock/,
    advice:
      'Someone else is deploying this environment: Who and Created above show who, and since when. Wait until that run ends; if it is certain to have crashed, run terraform force-unlock ID in the folder of the stack in cdktf.out/stacks/.',
  },
  {
    when: /Instance cannot be destroyed/,
    advice:
      'The environment is protected because it holds data. To destroy it, set deletionProtection to false in its file in environments/, deploy that, and then run destroy again. Nothing was destroyed.',
  },
  {
    when: /BucketAlreadyExists|BucketAlreadyOwnedByYou/,
    advice:
      'A bucket with that name already exists, and bucket names are unique across AWS. Choose another name for the environment, or delete the bucket if it is yours.',
  },
  {
    when: /Saved plan is stale/,
    advice:
      'The environment has changed since the plan was made. Run npm run plan again, and have the new plan approved.',
  },
  {
    when: /Backend (?:configuration changed|initialization required|type changed)|HCP Terraform configuration (?:block )?has changed/,
    advice:
      'The backend of the environment has changed. To move the state to the new one, run npx cdktf deploy STACK --migrate-state; see docs/deploy.md.',
  },
];

/** Advice on an error in Terraform's output, if there is any. */
export function adviceOn(output: string): string | undefined {
  // Terraform wraps its lines to the terminal's width and draws a border next to them.
  const text = output.replaceAll(/[\s│]+/g, ' ');
  return ADVICE.find(({ when }) => when.test(text))?.advice;
}
