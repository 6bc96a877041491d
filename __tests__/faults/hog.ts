/** Is loaded into each process of a function: takes more memory than the function may have when it gets the signal. */

const hoard: Buffer[] = [];

process.on('SIGUSR2', () => {
  const megabytes = Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
  // Filled, because memory that nothing was written to takes no room.
  hoard.push(Buffer.alloc(megabytes * 1024 * 1024, 1));
});
