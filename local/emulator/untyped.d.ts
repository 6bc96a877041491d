/** Types for the parts of libraries and of JavaScript that the local run uses and that come without types. */

declare module '@20minutes/s3rver' {
  export interface Options {
    address: string;
    port: number;
    silent: boolean;
    directory: string;
    allowMismatchedSignatures: boolean;
  }
  /** A request and its response, as Koa has them. */
  export interface Context {
    readonly method: string;
    readonly path: string;
    readonly query: Readonly<Record<string, string>>;
    store: import('@20minutes/s3rver/lib/stores/filesystem.js').default;
    body: unknown;
    set(header: string, value: string): void;
  }
  export default class S3rver {
    readonly middleware: ((context: Context, next: () => Promise<void>) => Promise<void>)[];
    constructor(options: Options);
    run(): Promise<import('node:net').AddressInfo>;
  }
}

declare module '@20minutes/s3rver/lib/models/error.js' {
  export default class S3Error extends Error {
    constructor(code: string, message: string);
  }
}

declare module '@20minutes/s3rver/lib/stores/filesystem.js' {
  export interface StoredObject {
    readonly bucket: string;
    readonly key: string;
    readonly content: unknown;
    readonly metadata: Readonly<Record<string, string>>;
    readonly size: number;
    readonly lastModifiedDate: Date;
  }
  /** Byte positions; the last one is included. */
  export interface Range {
    readonly start?: number;
    readonly end?: number;
  }
  export default class FilesystemStore {
    constructor(directory: string);
    getBucketPath(bucket: string): string;
    getResourcePath(bucket: string, key: string, resource: string): string;
    getMetadata(bucket: string, key: string): Promise<Record<string, string | number>>;
    getObject(bucket: string, key: string, range?: Range): Promise<StoredObject | null>;
    putObject(
      object: Pick<StoredObject, 'bucket' | 'key' | 'content' | 'metadata'>,
    ): Promise<{ size: number; md5: string }>;
    copyObject(): Promise<unknown>;
    deleteObject(bucket: string, key: string): Promise<void>;
    listObjects(
      bucket: string,
      options: { prefix: string },
    ): Promise<{ readonly objects: readonly StoredObject[] }>;
  }
}

declare module '@20minutes/s3rver/lib/models/account.js' {
  export const DUMMY_ACCOUNT: { createKeyPair(accessKeyId: string, secretAccessKey: string): void };
}

declare module 'dynalite' {
  export default function dynalite(options: {
    path: string;
    createTableMs: number;
  }): import('node:http').Server;
}

/** In Node.js since version 22; see https://tc39.es/proposal-json-parse-with-source/. */
interface JSON {
  rawJSON(text: string): unknown;
}
