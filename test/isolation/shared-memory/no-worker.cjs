/** The program of a child in which no Worker can start, as under Node's permissions without --allow-worker. */
const threads = require('node:worker_threads');
threads.Worker = class {
  constructor() {
    throw new Error('Access to this API has been restricted');
  }
};
require('../../../dist/isolation/child/main.js');
