/**
 * Where the invalid machines are written, `tsc` checks that each has only the problem it should have. Here they are
 * passed to `stateMachine`, as an author would do, to check that they do not compile and what the message is.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CompilerError, compilerErrors } from './compiler.ts';
import { wrongData } from './wrong-data.ts';
import { wrongFlow } from './wrong-flow.ts';

const cases = { ...wrongData, ...wrongFlow };
const START = /^ {2}(?:'(?<name>.*)'|"(?<other>.*)"): wrong<(?<input>.*)>\(\)\($/;

/** The source of a file, with each machine passed to `stateMachine`, and the line where each machine begins. */
function rewritten(file: string) {
  const begins: { readonly name: string; readonly line: number }[] = [];
  const lines = readFileSync(join(__dirname, file), 'utf8').split('\n');
  const source = lines.map((text, index) => {
    const { name = '', input } = START.exec(text)?.groups ?? {};
    if (input !== undefined) {
      begins.push({ name, line: index + 1 });
      return `  '${name}': stateMachine<${input}>()(`;
    }
    // The last argument, which is the message, is dropped.
    return /^ {4}['"].*['"],$/.test(text) ? '' : text;
  });
  const imports = "import { stateMachine } from 'asl';";
  return { begins, source: [imports, ...source].join('\n').replace("'./functions.ts'", "'functions'") };
}

describe.each(['wrong-data.ts', 'wrong-flow.ts'])('%s', (file) => {
  const { begins, source } = rewritten(file);
  let errors: CompilerError[];
  beforeAll(() => {
    errors = compilerErrors(source);
  });

  test.each(begins.map(({ name, line }, index) => [name, line, begins[index + 1]?.line ?? 1e6] as const))(
    '%s',
    (name, from, to) => {
      const problem = Object.entries(cases).find(([key]) => key === name)?.[1].problem;
      // The import moves every machine down by one line.
      const found = errors.filter(({ line }) => line > from && line <= to).map(({ text }) => text);
      expect(typeof problem).toBe('string');
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(`"${problem}"`);
    },
  );
});

test('every invalid machine is compiled', () => {
  const begins = ['wrong-data.ts', 'wrong-flow.ts'].flatMap((file) => rewritten(file).begins);
  expect(begins.map(({ name }) => name)).toEqual(Object.keys(cases));
});
