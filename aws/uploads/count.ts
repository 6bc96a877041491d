import type { Upload } from './compare.ts';
import { STATUSES, type UploadStatus } from './status.ts';

/** Uploads of a dataset that have the same status. */
export interface UploadCount {
  readonly dataset: string;
  readonly status: UploadStatus;
  readonly uploads: number;
  /** When the oldest and the newest of them were uploaded. */
  readonly oldest: string;
  readonly newest: string;
}

/** Counts uploads by dataset and status. */
export class UploadCounter {
  readonly #counts = new Map<string, UploadCount>();

  add({ dataset, status, uploaded }: Upload): void {
    const name = `${dataset} ${status}`;
    const { uploads, oldest, newest } = this.#counts.get(name) ?? {
      uploads: 0,
      oldest: uploaded,
      newest: uploaded,
    };
    this.#counts.set(name, {
      dataset,
      status,
      uploads: uploads + 1,
      oldest: uploaded < oldest ? uploaded : oldest,
      newest: uploaded > newest ? uploaded : newest,
    });
  }

  /** By dataset, and then in the order of {@link STATUSES}. */
  get counts(): readonly UploadCount[] {
    return [...this.#counts.values()].sort(
      (one, other) =>
        one.dataset.localeCompare(other.dataset) ||
        STATUSES.indexOf(one.status) - STATUSES.indexOf(other.status),
    );
  }
}
