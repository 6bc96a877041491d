/**
 * What makes Terraform refuse a plan that would destroy a resource. The service's own protection would refuse as well,
 * but only when much else is gone already.
 */
export function keptIf(deletionProtection: boolean): {
  readonly lifecycle?: { readonly preventDestroy: true };
} {
  return deletionProtection ? { lifecycle: { preventDestroy: true } } : {};
}
