/**
 * cap-generator - put frames on a wire at a steady rate. Started by the cap bench in a namespace.
 *
 * usage: cap-generator INTERFACE DESTINATION-MAC SERVIP PORT RATE SECONDS [CASE]
 *
 * Frames are UDP over IPv4 to SERVIP and PORT, or those of a case of the datapath bench.
 *
 * Says   one line of JSON: frames sent, frames that could not be sent, how long it took
 */
import {openCapture} from '@tacoplex/capture';
import {type IpAddress, type MacAddress, macToBytes} from '@tacoplex/vocabulary';
import {capFlows, udpFrame} from './cap-frames.ts';
import {allCases} from './datapath-cases.ts';
import {frameOf, senderMac} from './datapath-frames.ts';

const [interfaceName = '', mac = '', address = '', port = '', rate = '', seconds = '', caseName = ''] =
  process.argv.slice(2);
/** After a pause of its own the generator does not make up for it in one burst: the machine is shared. */
const mostAtOnce = 256;
const pauseMs = 0.2;

const capture = openCapture({interfaceName, filter: 'less 1', ringBytes: 1_048_576, onFrame() {}});
const chosen = allCases.find(({name}) => name === caseName);
const frames = Array.from({length: capFlows}, (_, flow) =>
  chosen === undefined
    ? udpFrame(macToBytes(mac as MacAddress), address as IpAddress, Number(port), flow)
    : frameOf(chosen, mac as MacAddress, senderMac, flow),
);
const wanted = Number(rate) * Number(seconds);
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const began = performance.now();
let [offered, failed, late] = [0, 0, 0];
while (offered < wanted) {
  const due = Math.min(wanted, Math.floor(((performance.now() - began) / 1000) * Number(rate)) - late);
  const batch = Math.min(due - offered, mostAtOnce);
  late += Math.max(0, due - offered - 4 * mostAtOnce);
  for (let index = 0; index < batch; index++) {
    const frame = frames[(offered + index) % capFlows]!;
    failed += capture.send(frame, frame.length) ? 0 : 1;
  }

  offered += Math.max(batch, 0);
  if (batch < mostAtOnce) {
    Atomics.wait(sleeper, 0, 0, pauseMs);
  }
}

const tookMs = performance.now() - began;
capture.close();
console.log(JSON.stringify({sent: offered - failed, failed, tookMs}));
