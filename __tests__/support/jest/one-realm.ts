import { types } from 'node:util';

/**
 * jest runs each test file in its own realm, where an error of Node's core is not an instance of `Error`. In production
 * it is, and the SDK and the functions rely on that.
 */
Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: unknown, candidate: unknown): boolean {
    return this === Error
      ? types.isNativeError(candidate)
      : Function.prototype[Symbol.hasInstance].call(this, candidate);
  },
});
