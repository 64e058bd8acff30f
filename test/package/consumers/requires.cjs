const exercise = require('./exercise.cjs');

exercise(require('aisopod-plugin')).then((exercised) => console.log(JSON.stringify({ exercised })));
