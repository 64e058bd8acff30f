/** Imports the modules that it is given. Prints nanoseconds. */
const start = process.hrtime.bigint();
for (const name of process.argv.slice(2)) await import(name);
console.log(String(process.hrtime.bigint() - start));
