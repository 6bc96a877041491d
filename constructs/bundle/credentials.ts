/**
 * What the functions' bundles have in place of `@aws-sdk/credential-provider-node`: Lambda gives the credentials of the
 * function's role in the environment. The SDK's own chain also looks for files, single sign-on and metadata services,
 * which is a sixth of a bundle that nothing ever calls.
 */

export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
