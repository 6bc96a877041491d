/** What to do about what Terraform or the provider refuses. */

interface Advice {
  /** A part of what Terraform prints. */
  readonly when: RegExp;
  readonly advice: string;
}

const ADVICE: readonly Advice[] = [
  {
    when: /Unsupported Terraform Core version/,
    advice:
      'This Terraform is too old: 1.10 is the first that locks a state in S3 without a table. Install a newer one: https://developer.hashicorp.com/terraform/install',
  },
  {
    when: /AWS account ID not allowed|AWS Account ID not allowed/,
    advice:
      'The credentials are those of another account than the accountId of the environment. Use the credentials of that account (AWS_PROFILE), or correct environments/. Nothing was planned.',
  },
  {
    when: /No valid credential sources|no EC2 IMDS role found|InvalidClientTokenId|ExpiredToken|security token included in the request is (?:invalid|expired)/,
    advice:
      'There are no AWS credentials, or they have expired. Sign in (aws sso login, then AWS_PROFILE=…) or give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; the environment local needs AWS_ENDPOINT_URL, the address of an emulator, instead. Nothing was planned.',
  },
  {
    when: /Error acquiring the state lock/,
    advice:
      'Someone else is deploying this environment; Who and Created above say who, and since when. Wait for them, or wait with -lock-timeout=10m. If that run is dead for certain: terraform force-unlock ID, in the folder cdktf.out/stacks/ of the stack.',
  },
  {
    when: /Instance cannot be destroyed/,
    advice:
      'The environment is protected: it holds data. To take it down on purpose, set deletionProtection to false in its file under environments/, deploy that, and destroy it then. Nothing was destroyed.',
  },
  {
    when: /BucketAlreadyExists|BucketAlreadyOwnedByYou/,
    advice:
      'A bucket of that name exists already. Bucket names are unique in all of AWS: choose another name for the environment, or delete the bucket if it is yours.',
  },
  {
    when: /Saved plan is stale/,
    advice: 'The environment was changed since the plan was made. Make the plan again, and have it approved.',
  },
  {
    when: /Backend (?:configuration|initialization)|Backend type changed|Backend has changed/i,
    advice:
      'The environment has another backend than the one in which its state was kept. To move the state: npx cdktf deploy STACK --migrate-state; see docs/deploy.md.',
  },
];

/** What to do about it, if it is known. */
export function adviceOn(output: string): string | undefined {
  // Terraform breaks its lines to the width of a terminal, and draws a box around them.
  const text = output.replaceAll(/[\s│]+/g, ' ');
  return ADVICE.find(({ when }) => when.test(text))?.advice;
}
