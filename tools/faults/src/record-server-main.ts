/**
 * record-server-main - answer each numbered record with its number and the name of this server.
 *
 * usage: record-server-main
 *
 * Listens on every address, port 7007, until its stdin ends.
 */
import {createServer} from 'node:net';
import {readRecords, recordPort, writeRecord} from './records.ts';

const server = process.env.HOSTNAME ?? 'nobody';

createServer(socket => {
  let text = '';
  socket.setNoDelay().setEncoding('latin1');
  socket.on('error', () => {}); // The client tells of it
  socket.on('data', (data: string) => {
    const {records, rest} = readRecords(text + data);
    text = rest;
    socket.write(records.map(({number}) => writeRecord({number, server})).join(''), 'latin1');
  });
}).listen({port: recordPort, host: '::', backlog: 1024}, () => process.stdout.write('ready\n'));

process.stdin.resume().on('end', () => process.exit(0));
