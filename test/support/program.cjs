/**
 * Tests are compiled to ES modules, where the sources cannot tell by their own place where the package is; they ask for it
 * as the host's program sees it, as a bundle does. For tests that is a file of the project, not jest's.
 */
process.argv[1] = require('node:path').join(__dirname, '../../jest.config.mjs');
