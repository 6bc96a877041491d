/** Types for the parts of libraries and of JavaScript that the local run uses and that come without types. */

declare module '@20minutes/s3rver' {
  export default class S3rver {
    constructor(options: {
      address: string;
      port: number;
      silent: boolean;
      directory: string;
      allowMismatchedSignatures: boolean;
    });
    run(): Promise<import('node:net').AddressInfo>;
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
