import { startServer } from './server.ts';

/** A subscription as SNS lists it. */
export type Subscription = readonly [arn: string, endpoint: string];

/** A server that has the subscriptions of the alarm topic. */
export function startSns(subscriptions: readonly Subscription[] | 'denied') {
  const listed = subscriptions === 'denied' ? [] : subscriptions;
  const members = listed.map(
    ([arn, endpoint]) =>
      `<member><SubscriptionArn>${arn}</SubscriptionArn><Protocol>email</Protocol><Endpoint>${endpoint}</Endpoint></member>`,
  );
  return startServer((_request, _body, response) => {
    if (subscriptions === 'denied') {
      response
        .writeHead(403)
        .end('<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>');
      return;
    }
    response.end(
      `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>${members.join('')}</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`,
    );
  });
}
