/**
 * Finds the plan that a merged pull request showed, for a workflow on main. Only GitHub says where an artifact is from: any
 * run of the repository can upload one under any name.
 */

import { execFileSync } from 'node:child_process';
import { z } from 'zod';

/** The workflow that makes plans. */
const WORKFLOW = '.github/workflows/pull-request.yml';

/** The largest page of GitHub's REST API; a pull request's head has one run, and that run one artifact for each environment. */
const PER_PAGE = 100;

/** Milliseconds. */
const REQUEST_TIMEOUT = 30_000;

const pulls = z.array(
  z.object({
    number: z.int(),
    merged_at: z.string().nullable(),
    merge_commit_sha: z.string().nullable(),
    base: z.object({ ref: z.string() }),
    head: z.object({ sha: z.string() }),
  }),
);

const repository = z.object({ id: z.int() });

const runs = z.object({
  workflow_runs: z.array(
    z.object({
      id: z.int(),
      event: z.string(),
      path: z.string(),
      head_sha: z.string(),
      conclusion: z.string().nullable(),
      repository,
      head_repository: repository.nullable(),
    }),
  ),
});

const artifacts = z.object({
  artifacts: z.array(z.object({ name: z.string(), expired: z.boolean() })),
});

export interface Merged {
  /** Of GitHub's REST API. */
  readonly apiUrl: string;
  readonly token: string;
  /** `OWNER/NAME`. */
  readonly repository: string;
  /** The branch that was pushed to. */
  readonly branch: string;
  /** The commit that was pushed. */
  readonly commit: string;
  /** The Git tree of that commit. */
  readonly tree: string;
  readonly environment: string;
}

/** There is no plan that may be applied. */
export class NoPlanError extends Error {
  override readonly name = 'NoPlanError';
}

/**
 * Finds the run and the artifact with the plan for an environment: those of the only run of `pull-request.yml` for the head
 * of the pull request that was merged as this commit, made for exactly the tree of this commit.
 * @throws NoPlanError when there is no such plan, or more than one run that could have made it.
 */
export async function findPlan(merged: Merged): Promise<{ readonly name: string; readonly run: number }> {
  const { commit, branch, environment, tree } = merged;
  const pull = (await get(merged, `commits/${commit}/pulls?per_page=${PER_PAGE}`, pulls)).find(
    ({ merged_at, merge_commit_sha, base }) =>
      merged_at !== null && merge_commit_sha === commit && base.ref === branch,
  );
  if (pull === undefined) {
    throw new NoPlanError(
      `No pull request was merged into ${branch} as ${commit}, so no plan for it was reviewed. Nothing is applied.`,
    );
  }
  const head = pull.head.sha;
  const found = await get(
    merged,
    `actions/workflows/pull-request.yml/runs?event=pull_request&head_sha=${head}&per_page=${PER_PAGE}`,
    runs,
  );
  const ofHead = found.workflow_runs.filter(
    (run) =>
      // Some paths are followed by @ and a branch.
      run.path.split('@')[0] === WORKFLOW &&
      run.event === 'pull_request' &&
      run.head_sha === head &&
      run.head_repository?.id === run.repository.id,
  );
  const [run] = ofHead;
  if (run === undefined || ofHead.length > 1 || run.conclusion !== 'success') {
    const problem =
      ofHead.length > 1 ? `${ofHead.length} runs` : run === undefined ? 'no run' : 'no successful run';
    throw new NoPlanError(
      `The head ${head} of pull request ${pull.number} has ${problem} of ${WORKFLOW}, where exactly one successful run is needed. Nothing is applied. Deploy by hand, or merge another pull request.`,
    );
  }
  const name = `plan-${environment}-${tree}`;
  const kept = await get(
    merged,
    `actions/runs/${run.id}/artifacts?name=${name}&per_page=${PER_PAGE}`,
    artifacts,
  );
  if (!kept.artifacts.some((artifact) => artifact.name === name && !artifact.expired)) {
    throw new NoPlanError(
      `The run ${run.id} of pull request ${pull.number} kept no plan for ${environment} and the tree ${tree}: ${branch} moved after the plan was made, or the plan has expired. Nothing is applied. Update branches before you merge them.`,
    );
  }
  return { name, run: run.id };
}

/** @throws Error when GitHub refuses the request, or its answer is not what its documentation says. */
async function get<Schema extends z.ZodType>(
  { apiUrl, token, repository }: Merged,
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const response = await fetch(`${apiUrl}/repos/${repository}/${path}`, {
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${token}`,
      'x-github-api-version': '2022-11-28',
    },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT),
  });
  if (!response.ok) throw new Error(`GitHub answered ${response.status} to ${path}.`);
  return schema.parse(await response.json());
}

/** Prints what GitHub Actions takes as a step's outputs. */
async function main(environment: string): Promise<void> {
  const variables = z
    .object({
      GITHUB_API_URL: z.url(),
      GITHUB_REPOSITORY: z.string(),
      GITHUB_REF_NAME: z.string(),
      GITHUB_SHA: z.string(),
      GH_TOKEN: z.string(),
    })
    .parse(process.env);
  try {
    const { name, run } = await findPlan({
      apiUrl: variables.GITHUB_API_URL,
      token: variables.GH_TOKEN,
      repository: variables.GITHUB_REPOSITORY,
      branch: variables.GITHUB_REF_NAME,
      commit: variables.GITHUB_SHA,
      tree: execFileSync('git', ['rev-parse', `${variables.GITHUB_SHA}^{tree}`], { encoding: 'utf8' }).trim(),
      environment,
    });
    process.stdout.write(`name=${name}\nrun=${run}\n`);
  } catch (error) {
    if (!(error instanceof NoPlanError)) throw error;
    process.stderr.write(`::error::${error.message}\n`);
    process.exitCode = 1;
  }
}

if (import.meta.main) {
  const [environment] = process.argv.slice(2);
  if (environment === undefined) throw new Error('Usage: node tools/ci/find-plan.ts ENVIRONMENT');
  void main(environment);
}
