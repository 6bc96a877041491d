/** A plan without changes is empty. */

import { cpSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { policyFor } from '../../deploy/permissions.ts';
import { terraformCalls } from './support/calls.ts';
import { Checkout } from './support/checkout.ts';

const checkout = Checkout.deployed();

/** The actions that a plan calls. */
let called: readonly string[] = [];

test('right after the deploy, the plan is empty', async () => {
  const before = (await terraformCalls()).length;
  expect(await checkout.plan('local')).toEqual({ code: 0, changes: [] });
  called = (await terraformCalls()).slice(before);
});

test('the plan role allows all calls of the plan, and can only read', () => {
  const allowed = policyFor('plan').Statement.flatMap(({ Action }) => Action);
  expect(called).toContain('lambda:GetFunction');
  const others = called.filter((action) => !allowed.includes(action));
  expect(new Set(others)).toEqual(new Set(['sts:GetCallerIdentity']));
  expect(allowed.filter((action) => !/:(Get|List|Describe|Validate)/.test(action))).toEqual([]);
});

test('in another folder, in another time zone and with newer files, the plan is empty', async () => {
  const other = Checkout.create();
  try {
    const now = new Date();
    for (const folder of ['asl', 'constructs', 'datasets', 'environments', 'functions']) {
      for (const file of readdirSync(other.path(folder), { recursive: true, encoding: 'utf8' })) {
        utimesSync(path.join(other.path(folder), file), now, now);
      }
    }
    expect(statSync(other.path('functions/fetch-csv/index.ts')).mtimeMs).toBe(now.getTime());
    const state = 'terraform.csv-pipeline-local.tfstate';
    cpSync(checkout.path(state), other.path(state));
    expect(await other.plan('local', { env: { TZ: 'Pacific/Apia', LANG: 'de_DE.UTF-8' } })).toEqual({
      code: 0,
      changes: [],
    });
  } finally {
    rmSync(other.folder, { recursive: true });
  }
});
