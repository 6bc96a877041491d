/**
 * What the functions' bundles have in place of `@aws-sdk/endpoint-cache`: the DynamoDB client makes one and has no
 * request that looks into it, as discovery of endpoints belongs to other services. With the packages that it is built
 * on it is 8 KB, which are CommonJS and cannot be shaken.
 */
export class EndpointCache {}
