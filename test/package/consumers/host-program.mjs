import * as aisopod from 'aisopod-plugin';
import callInBothHomes from './host.cjs';

console.log(JSON.stringify(await callInBothHomes(aisopod)));
