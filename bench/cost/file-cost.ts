/** What a file costs at list prices, and what the alternatives cost, from the speeds that the bench has measured. */

import { readFileSync } from 'node:fs';
import type { Environment } from '../../environments/schema.ts';
import { RESULTS_FILE } from '../compare/comparison.ts';
import { readResults, speeds } from '../scale/results.ts';
import { type Cost, type CostWorkload, estimateCost } from './cost.ts';
import { Estimator } from './estimate.ts';
import { type PeerCost, peerCosts } from './peer-costs.ts';

export interface FileCost {
  readonly environment: Environment;
  readonly workload: CostWorkload;
  readonly cost: Cost;
  readonly peers: readonly PeerCost[];
}

/** Estimates the cost of a file in an environment. */
export async function fileCost(environment: Environment, workload: CostWorkload): Promise<FileCost> {
  const results = readResults();
  const estimator = new Estimator(environment, speeds(results));
  const cost = await estimateCost(environment, estimator, results, workload);
  const peers = peerCosts(workload, cost, JSON.parse(readFileSync(RESULTS_FILE, 'utf8')));
  return { environment, workload, cost, peers };
}
