import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSynthesized } from '../../../local/stack/synthesized.ts';
import { stackJson, writeStack } from '../fixture.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'synthesized-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const functions = { task: '' };

test('reads what a run needs and resolves every reference', async () => {
  await expect(
    readSynthesized(writeStack(folder, stackJson({ functions }), functions)),
  ).resolves.toMatchObject({
    account: { id: '123456789012', region: 'eu-central-1' },
    functions: [
      {
        name: 'stack-task',
        arn: 'arn:aws:lambda:eu-central-1:123456789012:function:stack-task:1',
        zip: join(folder, 'assets/task.zip'),
        variables: { BUCKET: 'source' },
      },
    ],
    buckets: [
      { name: 'source', versioned: true, emitsEvents: true },
      { name: 'reports', versioned: false, emitsEvents: false },
    ],
    machine: { arn: 'arn:aws:states:eu-central-1:123456789012:stateMachine:machine' },
    triggers: [{ rule: 'rule', inputPath: '$.detail' }],
    sourceBucket: 'source',
    reportsBucket: 'reports',
    datasets: [{ name: 'results', prefix: '', table: 'results' }],
  });
});

test.each([
  [
    'an input transformer',
    ['aws_cloudwatch_event_target', 'target'],
    { input_transformer: {} },
    'input_transformer',
  ],
  ['a constant input', ['aws_cloudwatch_event_target', 'target'], { input: '{}' }, 'input'],
  [
    'an input path with a filter',
    ['aws_cloudwatch_event_target', 'target'],
    { input_path: '$.a[0]' },
    'a path of names',
  ],
  ['a layer', ['aws_lambda_function', 'task'], { layers: ['arn'] }, 'layers: is not supported'],
  ['an unpublished function', ['aws_lambda_function', 'task'], { publish: false }, 'publish: must be true'],
  ['a container image', ['aws_lambda_function', 'task'], { image_uri: 'x' }, 'image_uri: is not supported'],
  ['another runtime', ['aws_lambda_function', 'task'], { runtime: 'python3.14' }, 'must be Node.js'],
  ['an index', ['aws_dynamodb_table', 'results'], { global_secondary_index: [{}] }, 'global_secondary_index'],
  [
    'a pattern that is not JSON',
    ['aws_cloudwatch_event_rule', 'rule'],
    { event_pattern: '{' },
    'is not JSON',
  ],
  [
    'a reference to a missing resource',
    ['aws_sfn_state_machine', 'machine'],
    { definition: '"${aws_x.y.arn}"' },
    'aws_x.y',
  ],
])('refuses %s', async (_what, [type = '', name = ''], change, message) => {
  const json = stackJson({ functions });
  const resources: Record<string, Record<string, object>> = json.resource;
  Object.assign(resources[type]?.[name] ?? {}, change);
  await expect(readSynthesized(writeStack(folder, json, functions))).rejects.toThrow(message);
});
