import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { Signer } from '../../../../functions/core/table/signature.ts';

const { sha256 } = new DynamoDBClient({ region: 'eu-central-1' }).config;
const headers = {
  'content-type': 'application/x-amz-json-1.0',
  host: 'dynamodb.eu-central-1.amazonaws.com',
  'x-amz-target': 'DynamoDB_20120810.BatchWriteItem',
};
const scope = { region: 'eu-central-1', service: 'dynamodb' };
const secret = fc.string({ unit: fc.constantFrom('a', 'Z', '7', '+', '/'), minLength: 1, maxLength: 40 });

test('signs as the SDK does, for any body, credentials and time', async () => {
  const signer = new Signer({ method: 'POST', path: '/', headers, ...scope });
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array(),
      fc.record({
        accessKeyId: secret,
        secretAccessKey: secret,
        sessionToken: fc.option(secret, { nil: undefined }),
      }),
      fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
      async (bytes, { sessionToken, ...keys }, signingDate) => {
        const credentials = { ...keys, ...(sessionToken !== undefined && { sessionToken }) };
        const body = Buffer.from(bytes);
        const request = new HttpRequest({ method: 'POST', path: '/', headers: { ...headers }, body });
        const reference = new SignatureV4({ ...scope, credentials, sha256, applyChecksum: false });
        const expected = await reference.sign(request, { signingDate });
        expect(signer.sign(body, credentials, signingDate)).toEqual(expected.headers);
      },
    ),
  );
});
