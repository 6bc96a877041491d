import { spawn } from 'node:child_process';
import { printMessage } from './print.ts';

/** The command that opens a file in its default application, by platform. */
const OPENERS: Readonly<Record<string, readonly [command: string, ...args: string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Opens a file in its default application, without waiting for it. Writes a message to stderr if that fails. */
export function openFile(file: string): void {
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  spawn(command, [...args, file], { detached: true, stdio: 'ignore' })
    .on('error', (error) => printMessage(`Could not open ${file}: ${error.message}`))
    .unref();
}
