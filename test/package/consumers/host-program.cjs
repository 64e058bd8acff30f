const callInBothHomes = require('./host.cjs');

callInBothHomes(require('aisopod-plugin')).then((answers) => console.log(JSON.stringify(answers)));
