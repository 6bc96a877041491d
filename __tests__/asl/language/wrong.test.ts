/**
 * That each wrong machine is wrong for its reason alone, `tsc` checks where they are written. Here they are given to
 * `stateMachine`, as one who writes them would do, to see that this does not compile and what is then said.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CompilerError, compilerErrors } from './compiler.ts';
import { wrongData } from './wrong-data.ts';
import { wrongFlow } from './wrong-flow.ts';

const cases = { ...wrongData, ...wrongFlow };
const START = /^ {2}(?:'(?<name>.*)'|"(?<other>.*)"): wrong<(?<input>.*)>\(\)\($/;

/** The source of a file, with each machine given to `stateMachine`; and the line at which each one begins. */
function rewritten(file: string) {
  const begins: { readonly name: string; readonly line: number }[] = [];
  const lines = readFileSync(join(__dirname, file), 'utf8').split('\n');
  const source = lines.map((text, index) => {
    const { name = '', input } = START.exec(text)?.groups ?? {};
    if (input !== undefined) {
      begins.push({ name, line: index + 1 });
      return `  '${name}': stateMachine<${input}>()(`;
    }
    // The message, which is the last argument.
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
      // One line further down than in the file, because of the import.
      const found = errors.filter(({ line }) => line > from && line <= to).map(({ text }) => text);
      expect(typeof problem).toBe('string');
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(`"${problem}"`);
    },
  );
});

test('all of them are given to the compiler', () => {
  const begins = ['wrong-data.ts', 'wrong-flow.ts'].flatMap((file) => rewritten(file).begins);
  expect(begins.map(({ name }) => name)).toEqual(Object.keys(cases));
});
