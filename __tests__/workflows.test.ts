/** What the workflows of CI may do, and which plan they apply. */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { findPlan } from '../tools/ci/find-plan.ts';
import { startServer } from './support/server.ts';

const FOLDER = path.join(__dirname, '../.github/workflows');

const permissions = z.record(z.string(), z.string());
const step = z.object({
  name: z.string().optional(),
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
  env: z.record(z.string(), z.string()).default({}),
});
const workflow = z.object({
  on: z.unknown(),
  permissions,
  env: z.undefined().optional(),
  jobs: z.record(
    z.string(),
    z.object({
      permissions: permissions.default({}),
      environment: z.string().optional(),
      env: z.undefined().optional(),
      steps: z.array(step).default([]),
    }),
  ),
});
type Step = z.output<typeof step>;

const files = readdirSync(FOLDER);
const texts = new Map(files.map((file) => [file, readFileSync(path.join(FOLDER, file), 'utf8')]));
const workflows = new Map([...texts].map(([file, text]) => [file, workflow.parse(parse(text))]));
const jobs = [...workflows].flatMap(([file, { jobs }]) =>
  Object.entries(jobs)
    .filter(([, { steps }]) => steps.length > 0)
    .map(([name, job]) => [`${file}: ${name}`, job] as const),
);

/** Whether the step asks for a credential, or is given one. */
function usesCredentials({ uses = '', with: inputs, env }: Step): boolean {
  const values = JSON.stringify([inputs, env]);
  return uses.includes('configure-aws-credentials') || /secrets\.|github\.token/.test(values);
}

const installs = ({ run = '' }: Step) => /\b(npm (ci|i|install)|pip install|npx)\b/.test(run);

const withCredentials = jobs.filter(([, { steps }]) => steps.some(usesCredentials));

test('there are workflows whose jobs have credentials', () => {
  expect(withCredentials.map(([name]) => name)).toEqual([
    'apply.yml: apply',
    'drift.yml: drift',
    'preview.yml: preview',
    'pull-request.yml: plan',
  ]);
});

test.each(withCredentials)(
  '%s installs its packages before it has credentials, without their scripts',
  (_, { steps }) => {
    const last = steps.findLastIndex(installs);
    expect(last).toBeGreaterThan(0);
    expect(steps.findIndex(usesCredentials)).toBeGreaterThan(last);
    expect(steps.filter(installs).map(({ run }) => run)).toEqual(['npm ci --ignore-scripts']);
  },
);

test.each(jobs)('%s leaves no token in the checkout', (_, { steps }) => {
  const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));
  expect(checkouts.map((each) => each.with)).toEqual([{ 'persist-credentials': false }]);
});

test.each(jobs)('%s can sign in to AWS only in a GitHub environment', (_, { permissions, environment }) => {
  expect(permissions['id-token'] === 'write').toBe(environment !== undefined);
});

test.each([...workflows])('%s has no permission of its own but to read the sources', (_, { permissions }) => {
  expect(permissions).toEqual({ contents: 'read' });
});

test('every action is pinned to a commit, with its version next to it', () => {
  const uses = [...texts.values()].flatMap((text) => text.match(/\buses:.*/g) ?? []);
  const [local, actions] = [
    uses.filter((each) => each.includes('./')),
    uses.filter((each) => !each.includes('./')),
  ];
  expect(actions.length).toBeGreaterThan(15);
  for (const each of actions) expect(each).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  expect(new Set(local)).toEqual(new Set(['uses: ./.github/workflows/apply.yml']));
  // One version of each.
  expect(new Set(actions).size).toBe(new Set(actions.map((each) => each.split('@')[0])).size);
});

test('no code of a pull request runs with the credentials of main', () => {
  for (const text of texts.values()) expect(text).not.toMatch(/pull_request_target|workflow_run:/);
  expect(workflows.get('deploy.yml')?.on).toEqual({ push: { branches: ['main'] } });
  expect(workflows.get('apply.yml')?.on).toHaveProperty('workflow_call');
});

test('a plan has the token of the environment for plans, and only applying it has the other', () => {
  const environments = withCredentials
    .filter(([, { steps }]) => JSON.stringify(steps).includes('HCP_TERRAFORM_TOKEN'))
    .map(([name, { environment }]) => [name, environment]);
  expect(environments).toEqual([
    ['apply.yml: apply', '${{ inputs.environment }}'],
    ['drift.yml: drift', '${{ matrix.environment }}-plan'],
    ['pull-request.yml: plan', '${{ matrix.environment }}-plan'],
  ]);
});

test('the plan is downloaded from the run that was found, before there are other credentials', () => {
  const steps = workflows.get('apply.yml')?.jobs.apply?.steps ?? [];
  expect(steps.flatMap(({ uses, run }) => uses?.split('@')[0] ?? run ?? [])).toEqual([
    'actions/checkout',
    'actions/setup-node',
    'npm ci --ignore-scripts',
    'node tools/ci/find-plan.ts "$ENVIRONMENT" >>"$GITHUB_OUTPUT"',
    'actions/download-artifact',
    'hashicorp/setup-terraform',
    'aws-actions/configure-aws-credentials',
    'npm run deploy -- --env ${{ inputs.environment }} --planned',
  ]);
  expect(steps[4]?.with).toMatchObject({
    name: '${{ steps.plan.outputs.name }}',
    'run-id': '${{ steps.plan.outputs.run }}',
  });
  const kept = workflows
    .get('pull-request.yml')
    ?.jobs.plan?.steps.find(({ uses = '' }) => uses.includes('upload-artifact'));
  expect(kept?.with.name).toBe('plan-${{ matrix.environment }}-${{ steps.tree.outputs.hash }}');
});

describe('the plan of a merged pull request', () => {
  const MERGED = 'a'.repeat(40);
  const HEAD = 'b'.repeat(40);
  const TREE = 'c'.repeat(40);
  const pull = {
    number: 7,
    merged_at: '2026-01-01T00:00:00Z',
    merge_commit_sha: MERGED,
    base: { ref: 'main' },
    head: { sha: HEAD },
  };
  const run = {
    id: 11,
    event: 'pull_request',
    path: '.github/workflows/pull-request.yml',
    head_sha: HEAD,
    conclusion: 'success',
    repository: { id: 1 },
    head_repository: { id: 1 },
  };
  const artifact = { name: `plan-prod-${TREE}`, expired: false };

  /** Answers GitHub's three requests, whatever they filter by, and finds the plan with them. */
  async function find({
    pulls = [pull] as object[],
    runs = [run] as object[],
    artifacts = [artifact] as object[],
  }) {
    const requests: string[] = [];
    const server = await startServer(({ url = '', headers }, _, response) => {
      requests.push(`${headers.authorization} ${url}`);
      if (url.includes('/pulls')) response.end(JSON.stringify(pulls));
      else if (url.includes('/artifacts')) response.end(JSON.stringify({ artifacts }));
      else response.end(JSON.stringify({ workflow_runs: runs }));
    });
    try {
      const found = await findPlan({
        apiUrl: server.url,
        token: 't',
        repository: 'owner/name',
        branch: 'main',
        commit: MERGED,
        tree: TREE,
        environment: 'prod',
      });
      return { found, requests };
    } finally {
      await server.close();
    }
  }

  test('is that of the run for its head', async () => {
    expect(await find({})).toEqual({
      found: { name: `plan-prod-${TREE}`, run: 11 },
      requests: [
        `Bearer t /repos/owner/name/commits/${MERGED}/pulls?per_page=100`,
        `Bearer t /repos/owner/name/actions/workflows/pull-request.yml/runs?event=pull_request&head_sha=${HEAD}&per_page=100`,
        `Bearer t /repos/owner/name/actions/runs/11/artifacts?name=plan-prod-${TREE}&per_page=100`,
      ],
    });
  });

  test.each([
    ['nothing was merged', { pulls: [] }, 'No pull request was merged'],
    ['the pull request is open', { pulls: [{ ...pull, merged_at: null }] }, 'No pull request was merged'],
    [
      'another commit was merged',
      { pulls: [{ ...pull, merge_commit_sha: HEAD }] },
      'No pull request was merged',
    ],
    [
      'it was merged into another branch',
      { pulls: [{ ...pull, base: { ref: 'next' } }] },
      'No pull request was merged',
    ],
    ['the run is of another commit', { runs: [{ ...run, head_sha: MERGED }] }, 'has no run of'],
    [
      'the run is of another workflow',
      { runs: [{ ...run, path: '.github/workflows/other.yml' }] },
      'has no run of',
    ],
    ['the run is of another event', { runs: [{ ...run, event: 'push' }] }, 'has no run of'],
    ['the run is of a fork', { runs: [{ ...run, head_repository: { id: 2 } }] }, 'has no run of'],
    ['the run failed', { runs: [{ ...run, conclusion: 'failure' }] }, 'has no successful run of'],
    ['the run has not ended', { runs: [{ ...run, conclusion: null }] }, 'has no successful run of'],
    ['there is a second run', { runs: [run, { ...run, id: 12, conclusion: 'failure' }] }, 'has 2 runs of'],
    ['the run kept no plan', { artifacts: [] }, 'kept no plan for prod'],
    [
      'the plan is for another tree',
      { artifacts: [{ ...artifact, name: `plan-prod-${HEAD}` }] },
      'kept no plan for prod',
    ],
    [
      'the plan is for another environment',
      { artifacts: [{ ...artifact, name: `plan-staging-${TREE}` }] },
      'kept no plan',
    ],
    ['the plan has expired', { artifacts: [{ ...artifact, expired: true }] }, 'kept no plan for prod'],
  ])('is not found when %s', async (_, answers, message) => {
    await expect(find(answers)).rejects.toThrow(message);
  });

  test("an answer that is not GitHub's is an error", async () => {
    await expect(find({ runs: [{ id: 'x' }] })).rejects.toThrow('workflow_runs');
  });
});
