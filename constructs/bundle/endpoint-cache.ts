/**
 * Replaces `@aws-sdk/endpoint-cache` in the functions' bundles. The DynamoDB client creates one, but no request uses it:
 * only other services discover endpoints. With its dependencies it is 8 KB of CommonJS, from which esbuild
 * cannot remove unused code.
 */
export class EndpointCache {}
