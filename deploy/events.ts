/** Finds out whether a deploy switches a bucket's events on, which S3 does only after a while. */

import { z } from 'zod';
import { type Plan, plannedChanges } from './drift.ts';

/**
 * Milliseconds until a bucket sends events after they are switched on.
 * Source: "Enabling Amazon EventBridge", Amazon S3 user guide, which says about five minutes.
 */
const EVENT_DELAY = 5 * 60_000;

const notification = z.object({ eventbridge: z.boolean().nullish() }).nullable();

/**
 * Whether the plan switches a bucket's events on, or completes a deploy that was interrupted and may have done so just
 * before: the target of the events is among the last resources that are created.
 */
export function startsEvents(plan: Plan): boolean {
  const isOn = (values: unknown) => notification.parse(values)?.eventbridge === true;
  return plannedChanges(plan).some(({ type, change: { actions, before, after } }) => {
    if (type === 'aws_cloudwatch_event_target') return actions.join() === 'create';
    return type === 'aws_s3_bucket_notification' && isOn(after) && !isOn(before);
  });
}

/**
 * Says until when uploads may go unnoticed, and how to load them.
 * @param now when the events were switched on, in milliseconds since 1970
 */
export function eventWarning(environment: string, now: number): string {
  const until = new Date(now + EVENT_DELAY).toISOString().replace(/\.\d+Z$/, 'Z');
  return `S3 starts to send the bucket's events within about five minutes. A file that is uploaded before ${until} may start nothing. To load such files, run this after that time: npm run uploads -- --env ${environment} --start`;
}
