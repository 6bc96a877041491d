import { s3Client } from '../core/aws.ts';
import { fetchCsv } from '../core/fetch.ts';
import { lambdaHandler } from '../core/log.ts';
import type { FetchEvent, FetchResult } from '../core/messages.ts';

const s3 = s3Client();

/** Pins one version of the object and cuts it into chunks of whole records. */
export const handler = lambdaHandler<FetchEvent, FetchResult>(({ input }) => fetchCsv(s3, input));
