/** A client of S3 whose objects are in memory; what the SDK does to send a request takes longer than all the rest. */

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';

export interface MemoryS3 {
  readonly s3: S3Client;
  /** By key; one version of an object, by `key@version`. */
  readonly objects: Map<string, Buffer>;
  /** When objects were uploaded, in milliseconds since 1970, by the same names; 0 by default. */
  readonly modified: Map<string, number>;
  /** Called before an object is written. If it throws, the request fails with that error. */
  beforePut: (key: string, object: Buffer) => void;
}

export function memoryS3(): MemoryS3 {
  const objects = new Map<string, Buffer>();
  const s3 = new S3Client({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' } });
  const modified = new Map<string, number>();
  const memory: MemoryS3 = { s3, objects, modified, beforePut: () => undefined };
  const send = async (command: unknown): Promise<object> => {
    if (command instanceof PutObjectCommand) {
      const { Key = '', Body } = command.input;
      if (typeof Body !== 'string' && !(Body instanceof Uint8Array)) throw new Error('The body is a stream.');
      const object = Buffer.from(Body);
      memory.beforePut(Key, object);
      objects.set(Key, object);
      return {};
    }
    if (command instanceof ListObjectsV2Command) {
      const { Prefix = '', StartAfter = '', MaxKeys } = command.input;
      const keys = [...objects.keys()].filter((key) => key.startsWith(Prefix) && key > StartAfter).sort();
      return { Contents: keys.slice(0, MaxKeys).map((Key) => ({ Key })), IsTruncated: false };
    }
    if (command instanceof DeleteObjectsCommand) {
      for (const { Key = '' } of command.input.Delete?.Objects ?? []) objects.delete(Key);
      return {};
    }
    if (command instanceof GetObjectCommand || command instanceof HeadObjectCommand) {
      return answerOf(memory, command.input);
    }
    throw new Error(`The embedded S3 does not know ${Object(command).constructor.name}.`);
  };
  Object.defineProperty(s3, 'send', { value: send });
  return memory;
}

function answerOf(
  { objects, modified }: MemoryS3,
  { Key = '', VersionId, Range }: GetObjectCommand['input'],
) {
  const name = VersionId === undefined ? Key : `${Key}@${VersionId}`;
  const object = objects.get(name);
  if (object === undefined) throw new NoSuchKey({ $metadata: { httpStatusCode: 404 }, message: Key });
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(Range ?? '') ?? [];
  const bytes = start === undefined ? object : object.subarray(Number(start), Number(end) + 1);
  const Body = Object.assign(Readable.from([bytes]), { transformToByteArray: async () => bytes });
  return {
    Body,
    ContentLength: bytes.length,
    ETag: `"${etagOf(object)}"`,
    VersionId,
    LastModified: new Date(modified.get(name) ?? 0),
  };
}

/** The ETag of an object. */
export function etagOf(object: Uint8Array): string {
  return createHash('md5').update(object).digest('hex');
}
