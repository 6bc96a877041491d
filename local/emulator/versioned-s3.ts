/**
 * Keeps the versions of objects in the embedded S3, which has none of its own. In a bucket with versioning, an object is
 * a file that contains the ID of its current version. The versions are objects in a folder of their own, and nothing
 * overwrites them.
 */

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import S3rver, { type Context, type Options } from '@20minutes/s3rver';
import S3Error from '@20minutes/s3rver/lib/models/error.js';
import FilesystemStore, { type Range, type StoredObject } from '@20minutes/s3rver/lib/stores/filesystem.js';

const HEADER = 'x-amz-version-id';

/** As long as on AWS. */
const ID = /^[0-9a-z]{32}$/;

/** The names of the files of a version. */
const FILE = /^[0-9a-z]{32}\._S3rver_/;

export class VersionedS3rver extends S3rver {
  constructor(options: Options) {
    super(options);
    // In front of the router, and behind what turns results into XML.
    this.middleware.splice(-1, 0, async (context, next) => {
      const store = new VersionedStore(options.directory, context);
      context.store = store;
      const [, bucket] = /^\/([^/]+)\/?$/.exec(context.path) ?? [];
      const isOf = (method: string, resource: string) =>
        context.method === method && resource in context.query;
      if (bucket !== undefined && isOf('PUT', 'versioning')) {
        await store.enableVersions(bucket);
        context.body = '';
      } else if (bucket !== undefined && isOf('GET', 'versions')) {
        context.body = await store.listVersions(bucket);
      } else {
        await next();
      }
    });
  }
}

let lastTime = 0;

/** A new version ID; IDs sort by time, even if the clock does not move. */
function newId(): string {
  lastTime = Math.max(lastTime + 1, Date.now());
  return lastTime.toString(36).padStart(9, '0') + randomBytes(12).toString('hex').slice(1);
}

/** The folder with a bucket's versions. No bucket has such a name. */
function versionsOf(bucket: string): string {
  return `${bucket}_versions`;
}

/** The storage of one request. */
class VersionedStore extends FilesystemStore {
  readonly #request: Context;

  constructor(directory: string, request: Context) {
    super(directory);
    this.#request = request;
  }

  async enableVersions(bucket: string): Promise<void> {
    await mkdir(this.getBucketPath(versionsOf(bucket)), { recursive: true });
  }

  /** All versions whose keys have the request's prefix, in one page: by key, and of each key the newest first. */
  async listVersions(bucket: string): Promise<object> {
    const { prefix = '', 'encoding-type': encoding } = this.#request.query;
    const { objects } = await this.listObjects(versionsOf(bucket), { prefix });
    const found = await Promise.all(
      objects.map(async (object) => {
        const [, key = '', id = ''] = /^(.*)\/(.*)$/s.exec(object.key) ?? [];
        return { object, key, id, isLatest: (await this.#current(bucket, key)) === id };
      }),
    );
    // The key and ID of `a.csv` are listed for the prefix `a.csv/`, too.
    const versions = found.filter(({ key }) => key.startsWith(prefix));
    versions.sort(
      (one, other) =>
        Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)) || (one.id < other.id ? 1 : -1),
    );
    return {
      ListVersionsResult: {
        '@': { xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/' },
        Name: bucket,
        Prefix: prefix,
        MaxKeys: versions.length,
        EncodingType: encoding,
        IsTruncated: false,
        Version: versions.map(({ object, key, id, isLatest }) => ({
          Key: encoding === 'url' ? encodeURIComponent(key) : key,
          VersionId: id,
          IsLatest: isLatest,
          LastModified: object.lastModifiedDate.toISOString(),
          ETag: object.metadata.etag,
          Size: object.size,
          StorageClass: 'STANDARD',
        })),
      },
    };
  }

  override async getMetadata(bucket: string, key: string): Promise<Record<string, string | number>> {
    const id = await this.#current(bucket, key);
    return id === undefined
      ? super.getMetadata(bucket, key)
      : super.getMetadata(versionsOf(bucket), `${key}/${id}`);
  }

  override async getObject(bucket: string, key: string, range?: Range): Promise<StoredObject | null> {
    const { versionId } = this.#request.query;
    if (versionId !== undefined && !ID.test(versionId)) {
      throw new S3Error('InvalidArgument', 'Invalid version id specified');
    }
    if (!this.#isVersioned(bucket)) return super.getObject(bucket, key, range);
    const id = versionId ?? (await this.#current(bucket, key));
    if (id === undefined) return null;
    const object = await super.getObject(versionsOf(bucket), `${key}/${id}`, range);
    if (object === null) throw new S3Error('NoSuchVersion', 'The specified version does not exist.');
    this.#request.set(HEADER, id);
    return object;
  }

  override async putObject(object: StoredObject): Promise<{ size: number; md5: string }> {
    const { bucket, key } = object;
    if (!this.#isVersioned(bucket)) return super.putObject(object);
    const id = newId();
    const stored = await super.putObject({ ...object, bucket: versionsOf(bucket), key: `${key}/${id}` });
    const file = this.getResourcePath(bucket, key, 'object');
    const folder = dirname(file);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, id), id);
    await rename(join(folder, id), file);
    this.#request.set(HEADER, id);
    return stored;
  }

  /** Deletes the object with all of its versions. */
  override async deleteObject(bucket: string, key: string): Promise<void> {
    if (this.#request.query.versionId !== undefined) {
      throw new S3Error('NotImplemented', 'The embedded S3 cannot delete a single version.');
    }
    await super.deleteObject(bucket, key);
    if (!this.#isVersioned(bucket)) return;
    const folder = dirname(this.getResourcePath(versionsOf(bucket), `${key}/`, 'object'));
    const files = (await readdir(folder)).filter((name) => FILE.test(name));
    await Promise.all(files.map((name) => rm(join(folder, name), { force: true })));
  }

  override async copyObject(): Promise<never> {
    throw new S3Error('NotImplemented', 'The embedded S3 cannot copy objects.');
  }

  #isVersioned(bucket: string): boolean {
    return existsSync(this.getBucketPath(versionsOf(bucket)));
  }

  /** The ID of the object's current version, if it has versions. */
  async #current(bucket: string, key: string): Promise<string | undefined> {
    if (!this.#isVersioned(bucket)) return undefined;
    return readFile(this.getResourcePath(bucket, key, 'object'), 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    });
  }
}
