import { types } from 'node:util';

/**
 * jest runs each test file in a realm of its own, where an error of Node's core is no instance of `Error`. In
 * production it is, and the SDK and the functions rely on it.
 */
Object.defineProperty(Error, Symbol.hasInstance, {
  value(this: unknown, candidate: unknown): boolean {
    return this === Error
      ? types.isNativeError(candidate)
      : Function.prototype[Symbol.hasInstance].call(this, candidate);
  },
});
