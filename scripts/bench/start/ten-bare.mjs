/** Starts ten bare children at once. Prints nanoseconds. */
import { startBareChild } from './bare-child.mjs';

const start = process.hrtime.bigint();
const children = await Promise.all(Array.from({ length: 10 }, startBareChild));
const took = process.hrtime.bigint() - start;

for (const child of children) child.kill('SIGKILL');
console.log(String(took));
process.exit();
