/** With the condition `terrain`, `#cdktf` resolves to this file; `imports` cannot name one in `terrain/node_modules`. */

export * from 'cdktn';
