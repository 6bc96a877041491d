/**
 * Replaces `@aws-sdk/credential-provider-node` in the functions' bundles. Lambda sets the credentials of the function's
 * role as environment variables. The SDK's own chain also supports files, single sign-on and metadata services: a sixth
 * of a bundle, which is never called.
 */

export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
