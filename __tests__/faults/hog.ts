/** Loaded into each process of a function: on the signal, it allocates more memory than the function may have. */

const hoard: Buffer[] = [];

process.on('SIGUSR2', () => {
  const megabytes = Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
  // Filled, because memory that is never written to is not allocated.
  hoard.push(Buffer.alloc(megabytes * 1024 * 1024, 1));
});
