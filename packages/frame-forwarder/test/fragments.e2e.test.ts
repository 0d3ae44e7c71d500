import {buildEthernet, buildUdp, etherTypes, fragmentIpv4, fragmentIpv6, ipProtocols} from '@tacoplex/frames';
import {familyOf, type IpAddress, type MacAddress, toHex} from '@tacoplex/vocabulary';
import test, {type ExecutionContext} from 'ava';
import {clientMac, ForwarderStage, levelerMacA} from './forwarder-stage.ts';
import {addServer, addService, serviceAddress, serviceAddress6, stateOf} from './stage-states.ts';

const onNamespaces = process.getuid?.() === 0 ? test.serial : test.serial.skip; // Making namespaces needs root
const port = 5000;
const clients = {ipv4: '10.0.0.1', ipv6: 'fd00:a::1'} as Readonly<Record<'ipv4' | 'ipv6', IpAddress>>;

const state = stateOf([addServer(0), addServer(1), addService(serviceAddress), addService(serviceAddress6)]);

let stages = 0;
const createStage = async (t: ExecutionContext, engine: string): Promise<ForwarderStage> => {
  const stage = new ForwarderStage(`tpr${process.pid % 100_000}${String.fromCharCode(97 + stages++)}`);
  t.teardown(async () => stage.destroy());
  stage.build();
  stage.serveClients();
  await stage.openBuses();
  stage.allow(true);
  stage.sayState(state);
  stage.startForwarder({engine});
  await stage.untilForwarding();
  return stage;
};

/** 4,000 bytes that tell of which datagram they are, and where. */
const payloadOf = (number: number): Uint8Array =>
  Uint8Array.from({length: 4000}, (_, index) => (index < 2 ? number >> (8 - 8 * index) : number + index * 7));

/** The datagram's fragments as frames from the client to the leveler, in order. */
function framesOf(to: IpAddress, number: number): Uint8Array[] {
  const ends = {source: clients[familyOf(to)], destination: to};
  const payload = buildUdp(ends, {sourcePort: 20_000 + number, destinationPort: port, payload: payloadOf(number)});
  const packet = {...ends, protocol: ipProtocols.udp, payload};
  const [type, pieces] =
    familyOf(to) === 'ipv4'
      ? [etherTypes.ipv4, fragmentIpv4({...packet, identification: number}, 1480)]
      : [etherTypes.ipv6, fragmentIpv6(packet, 1448, number)];
  return pieces.map(piece =>
    buildEthernet({destination: levelerMacA as MacAddress, source: clientMac as MacAddress, type, payload: piece}),
  );
}

const counted = (stage: ForwarderStage, wanted: string): number =>
  stage.status?.reasons.find(({name}) => name === wanted)?.value ?? 0;

for (const engine of ['cap', 'xdp']) {
  onNamespaces(
    `${engine}: datagrams of 4,000 bytes arrive whole, in order and backwards, over both families`,
    async t => {
      const stage = await createStage(t, engine);
      const heard = [await stage.receive('server0', port), await stage.receive('server1', port)] as const;
      const numbers = Array.from({length: 12}, (_, number) => number);
      const sent = numbers.map(number => toHex(payloadOf(number))).sort();
      let before = 0;

      for (const to of [serviceAddress, serviceAddress6]) {
        for (const send of [
          async () => stage.sendDatagrams('client', {address: to, port}, numbers.map(payloadOf)),
          async () => stage.send(numbers.flatMap(number => framesOf(to, number).reverse())),
        ]) {
          await send();
          const total = before + numbers.length;
          await stage.until(`datagrams to ${to}`, () => heard[0].length + heard[1].length >= total);
          before = total;
        }
      }

      t.true(heard.every(({length}) => length > 5));
      t.deepEqual(
        heard.flat().sort(),
        sent.flatMap(payload => [payload, payload, payload, payload]),
      );
      t.is(stage.forwardedByKernel(), 0);
      await stage.until('counted', () => stage.status?.servers.reduce((sum, {packets}) => sum + packets, 0) === 144);
      t.is(counted(stage, 'fragment-released'), 48);
      t.is(counted(stage, 'fragment-later'), 48);
      t.is(counted(stage, 'fragment-expired'), 0);
      t.is(
        stage.status?.services.reduce((sum, {packets}) => sum + packets, 0),
        144,
      );
    },
  );

  onNamespaces(`${engine}: fragments whose first one never comes expire, and are counted`, async t => {
    const stage = await createStage(t, engine);
    const heard = [await stage.listen('server0', 'ip or ip6'), await stage.listen('server1', 'ip or ip6')] as const;

    for (const to of [serviceAddress, serviceAddress6]) {
      await stage.send(framesOf(to, 7).slice(1));
    }

    await stage.until('expired', () => counted(stage, 'fragment-expired') === 4);
    t.is(counted(stage, 'fragment-later'), 4);
    t.is(counted(stage, 'fragment-released'), 0);
    t.deepEqual(
      heard.flat().filter(frame => frame.includes('fd00000b000000000000000000000200') || frame.includes('0a0001c8')),
      [],
    );
  });
}
