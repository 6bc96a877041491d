import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile } from '../../deploy/compile.ts';
import { DeployError } from '../../deploy/errors.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compile-'));
  writeFileSync(
    join(folder, 'tsconfig.json'),
    '{ "compilerOptions": { "noEmit": true, "strict": true, "types": [] } }',
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a project that compiles passes', async () => {
  writeFileSync(join(folder, 'right.ts'), 'export const days: number = 1;\n');
  await expect(compile(folder)).resolves.toBeUndefined();
});

test('a project that does not compile is refused, with what the compiler says', async () => {
  writeFileSync(join(folder, 'wrong.ts'), "export const days: number = 'one';\n");
  const refused = compile(folder);
  await expect(refused).rejects.toThrow(DeployError);
  await expect(refused).rejects.toThrow(
    /^The project does not compile, so nothing was planned\..*\nwrong\.ts\(1,14\): error TS2322/,
  );
});
