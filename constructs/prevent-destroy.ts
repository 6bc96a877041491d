/**
 * Makes Terraform refuse a plan that would destroy the resource. The service's own deletion protection would refuse
 * too, but only after Terraform has destroyed other resources.
 */
export function preventDestroyIf(deletionProtection: boolean): {
  readonly lifecycle?: { readonly preventDestroy: true };
} {
  return deletionProtection ? { lifecycle: { preventDestroy: true } } : {};
}
