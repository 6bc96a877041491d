import { spawn } from 'node:child_process';

/** Programs that open a file as a double click would, by the system. */
const OPENERS: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Opens a file with the program that the system has for it, and does not wait; says so where there is none. */
export function openFile(file: string): void {
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  spawn(command, [...args, file], { detached: true, stdio: 'ignore' })
    .on('error', (error) => process.stderr.write(`${file} could not be opened: ${error.message}\n`))
    .unref();
}
