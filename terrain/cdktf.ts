/** What `#cdktf` resolves to with the condition `terrain`. The `imports` of package.json cannot name a file in `node_modules`. */

export * from 'cdktn';
