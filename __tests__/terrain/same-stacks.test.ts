/** CDK Terrain makes of the same sources what CDKTF makes. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { root } from '../../bench/measure/changed-program.ts';
import { filesUnder } from '../support/stack/program.ts';
import { type Stacks, synthesizedUnder } from './stacks.ts';

let scratch: string;
let cdktf: Stacks;
let terrain: Stacks;
beforeAll(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'terrain-'));
  cdktf = synthesizedUnder('default', path.join(scratch, 'cdktf'));
  terrain = synthesizedUnder('terrain', path.join(scratch, 'terrain'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

test('both make the same stacks, with the same zips', () => {
  expect([...terrain.keys()]).toEqual([...cdktf.keys()]);
  const zips = [...cdktf].filter(([file]) => file.endsWith('.zip'));
  expect(zips.length).toBeGreaterThan(0);
  expect(zips.filter(([file, bytes]) => !terrain.get(file)?.equals(bytes)).map(([file]) => file)).toEqual([]);
});

test('the JSON differs in the version of the library, and in how the provider is called and its version', () => {
  const stacks = [...cdktf.keys()].filter((file) => file.endsWith('cdk.tf.json'));
  expect(stacks.length).toBeGreaterThan(1);
  for (const file of stacks) {
    expect(differences(json(cdktf, file), json(terrain, file))).toEqual([
      ['//.metadata.version', expect.any(String), expect.any(String)],
      // For Terraform the two are one provider: what has no namespace is HashiCorp's.
      ['terraform.required_providers.aws.source', 'aws', 'hashicorp/aws'],
      ['terraform.required_providers.aws.version', expect.any(String), expect.any(String)],
    ]);
  }
});

test('constructs is not installed a second time', () => {
  expect(existsSync(path.join(root, 'terrain/node_modules/cdktn'))).toBe(true);
  expect(existsSync(path.join(root, 'terrain/node_modules/constructs'))).toBe(false);
});

test('terrain/aws.ts exports the resources that constructs/ uses, and no other', () => {
  const sources = [...filesUnder(path.join(root, 'constructs')).values()].join('\n');
  const exported = readFileSync(path.join(root, 'terrain/aws.ts'), 'utf8');
  expect(matches(exported, /'@cdktn\/provider-aws\/lib\/([^/]+)\/index\.js'/g)).toEqual(
    matches(sources, /'#aws\/([^']+)'/g),
  );
});

function json(stacks: Stacks, file: string): unknown {
  return JSON.parse(String(stacks.get(file)));
}

/** The values that are not the same, by their path. */
function differences(left: unknown, right: unknown, at: readonly string[] = []): (readonly unknown[])[] {
  if (isDeepStrictEqual(left, right)) return [];
  if (!isObject(left) || !isObject(right)) return [[at.join('.'), left, right]];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].flatMap((key) => differences(left[key], right[key], [...at, key]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the pattern's group matches, each once, in order. */
function matches(text: string, pattern: RegExp): (string | undefined)[] {
  return [...new Set([...text.matchAll(pattern)].map(([, group]) => group))].sort();
}
