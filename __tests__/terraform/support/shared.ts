import type { Checkout } from './checkout.ts';
import type { Emulator } from './emulator.ts';

/** What the set-up starts and the tear-down stops. */
export const shared: { emulator?: Emulator; checkout?: Checkout } = {};
