import { once } from 'node:events';
import { asJson, escaped } from './print.ts';

/**
 * Prints a list of any length, and then totals: as lines of text, or as one JSON object. It waits if the output is read
 * more slowly than it is written, so that it takes little memory.
 */
export class ListPrinter {
  readonly #name: string;
  readonly #json: boolean;
  #separator = '';

  /** @param name of the list in the JSON object */
  constructor(name: string, json: boolean) {
    this.#name = name;
    this.#json = json;
  }

  /** @param head the line in front of the list */
  start(head = ''): Promise<void> {
    if (process.stdout.listenerCount('error', exitIfUnread) === 0) process.stdout.on('error', exitIfUnread);
    return this.#write(this.#json ? `{"${this.#name}":[` : head);
  }

  /** Prints a line that JSON does not have. */
  async note<Note>(note: Note, asText: (note: Note) => string): Promise<void> {
    if (!this.#json) await this.#write(asText(escaped(note)));
  }

  async item<Item>(item: Item, asText: (item: Item) => string): Promise<void> {
    await this.#write(this.#json ? `${this.#separator}\n${asJson(item)}` : asText(escaped(item)));
    this.#separator = ',';
  }

  /** @param totals what the JSON object has besides the list */
  end(totals: object, text: string): Promise<void> {
    return this.#write(this.#json ? `\n],${asJson(totals).slice(1)}\n` : text);
  }

  async #write(text: string): Promise<void> {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  }
}

/** Ends the program if nobody reads the rest, as with `head`; with 128 plus the number of SIGPIPE, as in a shell. */
function exitIfUnread(error: Error): void {
  if ('code' in error && error.code === 'EPIPE') process.exit(141);
  throw error;
}
