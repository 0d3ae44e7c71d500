/**
 * load-client-main - long connections that ask for numbered records, and new requests, to one address.
 *
 * usage: load-client-main ADDRESS CONNECTIONS REQUESTS-PER-SECOND
 *
 * Each connection asks for a record every 100 ms; each second one ends and another begins. For each line on stdin, `look`
 * or `take`, a line of JSON on stdout says what came since the last `take`. Ends with its stdin.
 */
import {createInterface} from 'node:readline';
import {LongConnection, noConnections, type Sum, stalledAfterMs} from './long-connection.ts';
import type {LoadTally} from './measured.ts';
import {type RequestSum, request} from './requests.ts';

const recordEveryMs = 100;
const renewEveryMs = 1000;

const [, , address = '', count = '0', perSecond = '0'] = process.argv;
const sum: Sum = {...noConnections};
let requests = noRequests();
const connections: LongConnection[] = Array.from({length: Number(count)}, () => new LongConnection(address, sum));
let renewed = 0;

for (const [index, connection] of connections.entries()) {
  // Spread over the time between two records
  setTimeout(() => setInterval(() => connection.ask(), recordEveryMs), (index * recordEveryMs) / connections.length);
}
setInterval(() => connections[renewed++ % connections.length]?.renew(), renewEveryMs);
if (Number(perSecond) > 0) {
  setInterval(() => request(address, requests), 1000 / Number(perSecond));
}

const lines = createInterface({input: process.stdin});
lines.on('line', line => {
  process.stdout.write(`${JSON.stringify(look())}\n`);
  if (line === 'take') {
    Object.assign(sum, noConnections);
    requests = noRequests();
  }
});
lines.on('close', () => process.exit(0));

function look(): LoadTally {
  const stuck = connections.filter(({waitingMs}) => waitingMs > stalledAfterMs).length;
  return {connections: {...sum, stuck}, requests};
}

function noRequests(): RequestSum {
  return {sent: 0, failed: 0, perCause: {}};
}
