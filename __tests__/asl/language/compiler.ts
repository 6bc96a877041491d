/** Compiles source code with machines in it and returns what the compiler reports. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(__dirname, '../../..');
/** The package exports only its package.json, so the path of tsc is derived from that. */
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');

/** An error, with the line of the source, counted from 1. */
export interface CompilerError {
  readonly line: number;
  text: string;
}

/**
 * The compiler's errors in a source that imports the language from `'asl'` and the functions of these tests from
 * `'functions'`.
 * @param types packages whose global types it may use.
 * @throws Error when the compiler fails for another reason.
 */
export function compilerErrors(source: string, types: readonly string[] = []): CompilerError[] {
  return errorsOfEach([source], types)[0] ?? [];
}

/** What {@link compilerErrors} returns, for each of several sources, which are compiled at once. */
export function errorsOfEach(sources: readonly string[], types: readonly string[] = []): CompilerError[][] {
  const folder = mkdtempSync(join(tmpdir(), 'asl-'));
  try {
    const files = sources.map((_, index) => `source-${index}.ts`);
    for (const [index, source] of sources.entries()) {
      const imports = source
        .replaceAll("from 'asl'", `from '${join(root, 'asl/language/index.ts')}'`)
        .replaceAll("from 'functions'", `from '${join(__dirname, 'functions.ts')}'`);
      writeFileSync(join(folder, `source-${index}.ts`), imports);
    }
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.json'),
        compilerOptions: { types, typeRoots: [join(root, 'node_modules/@types')], noUnusedLocals: false },
        include: [],
        files,
      }),
    );
    const { stdout, stderr, status } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    });
    const errors: CompilerError[][] = sources.map(() => []);
    let last: CompilerError | undefined;
    for (const text of stdout.split('\n')) {
      const [, index, line] = /^source-(\d+)\.ts\((\d+),\d+\): error /.exec(text) ?? [];
      if (line !== undefined) {
        last = { line: Number(line), text };
        errors[Number(index)]?.push(last);
      } else if (text.startsWith(' ') && last !== undefined) last.text += `\n${text}`;
      else if (text !== '') throw new Error(`tsc: ${text}`);
    }
    if (status !== 0 && last === undefined) throw new Error(`tsc exited with code ${status}: ${stderr}`);
    return errors;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
