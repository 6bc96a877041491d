/** What `#cdktf` is under the condition `terrain`. A target of package.json's `imports` may not name `node_modules`. */

export * from 'cdktn';
