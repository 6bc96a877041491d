/** The attribute that says when an item expires. */

import * as z from 'zod/mini';
import { string } from '../columns/column.ts';
import type { Columns } from '../item.ts';
import { didYouMean } from '../names.ts';
import { mustBe, optionsOf, type Problem } from '../options.ts';
import type { Addition } from './item-shape.ts';
import { type Claim, nameProblem } from './paths.ts';

const SECONDS_PER_DAY = 86_400;

/** Days after which items may expire at the latest: a hundred years. */
const MAX_DAYS = 36_500;

const days = mustBe(`more than 0 and at most ${MAX_DAYS}`);

const ttlSchema = optionsOf({
  attribute: string,
  from: z.exactOptional(string),
  days: z.number({ error: days }).check(z.refine((value) => value > 0 && value <= MAX_DAYS, { error: days })),
});

type DeclaredTtl = z.output<typeof ttlSchema>;

/** Schema of the option. */
export const ttlOption = z.exactOptional(ttlSchema);

/**
 * What is wrong with the option.
 * @param isFollowed whether a row is compared with the one of the upload before.
 */
export function ttlProblems(ttl: DeclaredTtl | undefined, columns: Columns, isFollowed: boolean): Problem[] {
  if (ttl === undefined) return [];
  const { attribute, from } = ttl;
  const wrongName = nameProblem(attribute);
  if (wrongName !== undefined) return [{ path: ['ttl', 'attribute'], message: wrongName }];
  const path = ['ttl', 'from'];
  if (from === undefined) {
    const message =
      'must name a column, because changesOnly and "replace" skip rows that have not changed, and the time of the upload changes in every row';
    return isFollowed ? [{ path, message }] : [];
  }
  const column = Object.hasOwn(columns, from) ? columns[from] : undefined;
  if (column === undefined) {
    const message = `names ${from}, which is not a column${didYouMean(from, Object.keys(columns))}`;
    return [{ path, message }];
  }
  return column.storedAs === 'moment'
    ? []
    : [{ path, message: `names ${from}, which is not a date or a time` }];
}

export function claimsOfTtl(ttl: DeclaredTtl | undefined): Claim[] {
  return ttl === undefined ? [] : [{ path: [ttl.attribute], what: 'ttl' }];
}

/**
 * Sets when an item expires, in seconds since 1970; source: "Using time to live (TTL) in DynamoDB", DynamoDB developer
 * guide. An item whose column is empty has no such attribute.
 */
export function ttlAddition(ttl: DeclaredTtl | undefined): Addition[] {
  if (ttl === undefined) return [];
  const { attribute, from } = ttl;
  const seconds = Math.round(ttl.days * SECONDS_PER_DAY);
  return [
    {
      attributes: [attribute],
      columns: from === undefined ? [] : [from],
      needsUpload: from === undefined,
      add: (item, values, upload) => {
        const start = from === undefined ? upload?.time : values[from];
        if (typeof start === 'string' && start !== '') item[attribute] = secondsOf(start) + seconds;
        return undefined;
      },
    },
  ];
}

/** Seconds from 1970 to a day, a month or a time as it is stored; one without a time zone is taken as UTC. */
function secondsOf(moment: string): number {
  const inUtc = moment.includes('T') && !moment.endsWith('Z') ? `${moment}Z` : moment;
  return Math.floor(Date.parse(inUtc) / 1_000);
}
