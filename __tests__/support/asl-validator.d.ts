/** asl-validator has no types of its own. */
declare module 'asl-validator' {
  interface Problem {
    readonly 'Error code': string;
    readonly Message: string;
  }
  function validate(
    definition: object,
    options?: { readonly checkPaths?: boolean; readonly checkArn?: boolean },
  ): {
    readonly isValid: boolean;
    readonly errors: readonly Problem[];
    errorsText(separator?: string): string;
  };
  export = validate;
}
