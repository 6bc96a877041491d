/**
 * AWS list prices in US East (N. Virginia), in US dollars, as of 2026-11-22. Other regions differ by up to about 20 %.
 * Check the current prices before you rely on them. Free tiers are not included.
 */

/** The day on which the prices were looked up. */
export const PRICES_OF = '2026-11-22';

/** US dollars for one unit. */
export const prices = {
  /** A state transition or retry in a Standard workflow; source: aws.amazon.com/step-functions/pricing. */
  stateTransition: 0.025 / 1e3,
  /** A function request; source: aws.amazon.com/lambda/pricing. */
  functionRequest: 0.2 / 1e6,
  /** A GB-second on arm64; source: aws.amazon.com/lambda/pricing. */
  functionGbSecond: 0.000_013_333_4,
  /** An on-demand write of up to 1 KB; source: aws.amazon.com/dynamodb/pricing/on-demand. */
  tableWrite: 0.625 / 1e6,
  /** An on-demand, strongly consistent read of up to 4 KB; source: aws.amazon.com/dynamodb/pricing/on-demand. */
  tableRead: 0.125 / 1e6,
  /** A GB that DynamoDB's import from S3 reads; source: aws.amazon.com/dynamodb/pricing/on-demand. */
  tableImportGb: 0.15,
  /** A GET or HEAD; source: aws.amazon.com/s3/pricing. */
  objectRead: 0.0004 / 1e3,
  /** A PUT, POST or LIST; source: aws.amazon.com/s3/pricing. */
  objectWrite: 0.005 / 1e3,
  /** A GB in S3 Standard for a month; source: aws.amazon.com/s3/pricing. */
  objectGbMonth: 0.023,
} as const;
