/** A copy of the project to deploy from, so that the project itself stays clean. */

import { cpSync, existsSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Change, changesOf } from './planned.ts';
import { type Finished, type RunOptions, run } from './tools.ts';

const root = path.join(__dirname, '../../..');

/** Generated files, and files that no deploy needs. */
const LEFT_OUT = ['.git', 'node_modules', 'cdktf.out', 'terrain', 'reports', 'coverage'];

type Options = Omit<RunOptions, 'cwd'>;

export class Checkout {
  readonly folder: string;

  /** @param folder of an existing copy */
  constructor(folder: string) {
    this.folder = folder;
  }

  static create(): Checkout {
    const folder = mkdtempSync(path.join(tmpdir(), 'csv-pipeline-checkout-'));
    cpSync(root, folder, {
      recursive: true,
      filter: (source) => {
        const name = path.relative(root, source);
        return !LEFT_OUT.includes(name) && !/\.tfstate/.test(name);
      },
    });
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    return new Checkout(folder);
  }

  /** The copy from which the stack was deployed. */
  static deployed(): Checkout {
    return new Checkout(process.env.DEPLOYED_CHECKOUT ?? '');
  }

  path(...names: string[]): string {
    return path.join(this.folder, ...names);
  }

  /** The folder of a synthesized stack. */
  stack(environment: string): string {
    return this.path('cdktf.out/stacks', `csv-pipeline-${environment}`);
  }

  /**
   * Replaces a string in a file.
   * @returns a function that restores the file
   * @throws Error when the file does not contain the string.
   */
  edit(file: string, from: string, to: string): () => void {
    const before = readFileSync(this.path(file), 'utf8');
    if (!before.includes(from)) throw new Error(`${file} has no ${from}`);
    writeFileSync(
      this.path(file),
      before.replace(from, () => to),
    );
    return () => writeFileSync(this.path(file), before);
  }

  run(command: string, args: readonly string[], options: Options = {}): Promise<Finished> {
    return run(command, args, { ...options, cwd: this.folder });
  }

  npm(script: string, args: readonly string[], options: Options = {}): Promise<Finished> {
    return this.run('npm', ['run', '--silent', script, '--', ...args], options);
  }

  /** Runs `cdktf deploy` or `destroy` without a prompt, and without locking the provider, which needs the registry. */
  cdktf(command: 'deploy' | 'destroy', environment: string, options: Options = {}): Promise<Finished> {
    const args = ['cdktf', command, `csv-pipeline-${environment}`, '--auto-approve'];
    return this.run('npx', ['--no-install', ...args, '--skip-provider-lock'], options);
  }

  terraform(environment: string, args: readonly string[], options: Options = {}): Promise<Finished> {
    return run('terraform', args, { ...options, cwd: this.stack(environment) });
  }

  /**
   * Synthesizes the stack, and plans with Terraform itself.
   * @returns the exit code of `terraform plan -detailed-exitcode`, and the planned changes
   */
  async plan(
    environment: string,
    options: Options & { readonly args?: readonly string[] } = {},
  ): Promise<{ code: number; changes: readonly Change[] }> {
    succeeded(await this.run('npx', ['--no-install', 'node', 'main.ts', environment], options));
    if (!existsSync(path.join(this.stack(environment), '.terraform'))) {
      succeeded(await this.terraform(environment, ['init', '-input=false'], options));
    }
    const planned = await this.terraform(
      environment,
      ['plan', '-input=false', '-detailed-exitcode', '-out=test.tfplan', ...(options.args ?? [])],
      options,
    );
    if (planned.code !== 0 && planned.code !== 2) throw new Error(planned.output);
    const shown = succeeded(await this.terraform(environment, ['show', '-json', 'test.tfplan'], options));
    return { code: planned.code, changes: changesOf(shown.stdout) };
  }
}

/** @throws Error with the output if the command failed. */
export function succeeded(finished: Finished): Finished {
  if (finished.code !== 0)
    throw new Error(`The command ended with code ${finished.code}:\n${finished.output.slice(-8_000)}`);
  return finished;
}
