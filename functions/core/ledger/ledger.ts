/**
 * The ledger: one item per object in the source bucket, which says which upload of it counts and which execution loads
 * it. An upload belongs to the execution that claimed it last; an execution that finds another's name there must stop.
 * Nothing in the ledger ever needs repair by hand, because every claim is a lease that expires.
 *
 * Any request may be repeated, late, or both. So every change has a condition: a claim, that the claim which was read
 * is still the last one; whatever follows it, that the claim is still of the same upload, since a repeated claim of the
 * same execution may be of a newer one; the begin of a load, that no other load has begun since; a writer, and the end
 * of a load, that it is still the load that began last. A forced claim, which needs no newer upload, needs a later start.
 */

import { randomBytes } from 'node:crypto';
import type { RowCounts, StoredIndex } from '../messages.ts';
import { ClaimedEntry, NOT_LOADED } from './claimed-entry.ts';
import { byCount, type LedgerIndex, type LedgerItem } from './item.ts';

/**
 * The id of a load that begins: different from that of every other load of the object, and the same for a repeated
 * request to begin it. Of two loads of which one was compared with the other's index, it has the greater number.
 * @param last id of the load that began before, if any.
 */
export function nextLoad(last: string | undefined, execution: string): string {
  return `${last === undefined ? 1 : Number.parseInt(last, 10) + 1}-${execution}`;
}

/** The execution that began a load. */
function executionOf(load: string): string {
  return load.slice(load.indexOf('-') + 1);
}

/**
 * One execution's access to the ledger's item of one object: its claim, and then its load. Once the execution has begun
 * its load, use {@link LedgerEntry.ofLoad}.
 */
export class LedgerEntry extends ClaimedEntry {
  /**
   * The same entry for a function that works on the execution's load. The entry then counts as another execution's as
   * soon as another load has begun, even if this execution holds the claim.
   * @param load what {@link LedgerEntry.beginLoad} returned.
   */
  ofLoad(load: string): LedgerEntry {
    return new LedgerEntry(this.stored, this.object, this.execution, load);
  }

  /**
   * Begins the load, unless another execution still has writers. Renews the lease in either case. What is known of the
   * table stays recorded, though the load may change it without an index.
   * @param until milliseconds since 1970.
   * @returns the load's id; undefined if the load has not begun and this is to be tried again.
   * @throws SupersededError when another execution has claimed the upload.
   */
  async beginLoad(until: number): Promise<string | undefined> {
    const recorded = await this.read();
    const last = recorded?.index?.id;
    if (last !== undefined && executionOf(last) === this.execution) return this.#begun(last, until);
    return this.#begin(recorded, { ...recorded?.index, id: nextLoad(last, this.execution) }, until);
  }

  /**
   * Begins a load whose index is written, like {@link LedgerEntry.beginLoad}, unless another load has begun since the one
   * that the index is based on.
   * @param last id of that load; null if there was none.
   * @param verify called before the load begins; what it throws keeps the load from beginning.
   * @returns as `beginLoad`; the index of the other load if there is one.
   */
  async beginWithIndex(
    until: number,
    last: string | null,
    stored: StoredIndex,
    verify: () => void,
  ): Promise<string | LedgerIndex | undefined> {
    const recorded = await this.read();
    const index = recorded?.index;
    if (index?.id === stored.id) return this.#begun(stored.id, until);
    if (!this.isMine(recorded)) throw this.superseded();
    if (index !== undefined && index.id !== last) {
      await this.renew('CHECKING', until);
      return index;
    }
    verify();
    return this.#begin(recorded, { id: stored.id, stored }, until);
  }

  /** A repeated invocation must not remove the writers of the load that it finds begun. */
  async #begun(load: string, until: number): Promise<string> {
    await this.renew('LOADING', until);
    return load;
  }

  async #begin(
    recorded: LedgerItem | undefined,
    index: LedgerIndex,
    until: number,
  ): Promise<string | undefined> {
    // Other executions cannot add writers any more, because this one has claimed the upload.
    if (Object.values(recorded?.writers ?? {}).some((lease) => lease > Date.now())) {
      await this.renew('CHECKING', until);
      return undefined;
    }
    const last = recorded?.index?.id;
    const isBegun = await this.changeMine(
      { status: 'LOADING', lease: until, writers: {}, index },
      last === undefined
        ? { condition: 'attribute_not_exists(#index)', values: {} }
        : { condition: '#index.#id = :last', values: { ':last': last } },
    );
    if (isBegun) return index.id;
    // Either the upload is another execution's now, or another invocation of this one has begun the load just now.
    await this.renew('LOADING', until);
    return undefined;
  }

  /**
   * Registers an invocation that writes to the table.
   * @param until when the leases of the writer and of the execution end, in milliseconds since 1970.
   * @returns the writer's name in the ledger.
   * @throws SupersededError when another execution has claimed the upload, or this one has already loaded it.
   */
  async startWriting(until: { readonly writer: number; readonly execution: number }): Promise<string> {
    const writer = randomBytes(6).toString('hex');
    const set = { status: 'LOADING', lease: until.execution, [`writers.${writer}`]: until.writer };
    if (!(await this.changeMine(set, NOT_LOADED))) throw this.superseded();
    return writer;
  }

  /** Removes a writer. Never throws, since the writer's lease ends anyway. */
  async stopWriting(writer: string): Promise<void> {
    const set = { [`writers.${writer}`]: undefined };
    await this.stored.update({ set, condition: 'attribute_exists(pk)' }).catch(() => undefined);
  }

  /**
   * Records that the upload is loaded, and with it the index, if the load has one.
   * @throws SupersededError when another execution has claimed the upload.
   */
  async finish(counts: RowCounts, hasIndex = false): Promise<void> {
    const ended = new Date().toISOString();
    const set = {
      status: 'LOADED',
      ...byCount((count) => counts[count] ?? undefined),
      ended,
      error: undefined,
      lease: 0,
    };
    const complete = hasIndex ? { 'index.stored.complete': true } : {};
    if (!(await this.changeMine({ ...set, ...complete }))) throw this.superseded();
  }
}
