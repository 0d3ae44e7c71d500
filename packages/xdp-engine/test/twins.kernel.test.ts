import {mangleFrame, randomFrame, randomFrom} from '@tacoplex/frames';
import type {IpAddress} from '@tacoplex/vocabulary';
import {bytesOf, content, fixture, onKernel, readFixture, startTwins} from './program.ts';

const hosts = Array.from({length: 16}, (_, host) => [`192.0.2.${host + 7}`, `2001:db8::${host + 7}`]).flat();
const clients = [...hosts, '0.1.2.3', '224.0.0.1', '::1', 'ff02::1'];
const nobody = ['10.0.1.250', 'fd00:b::250'].map(address => ({address: address as IpAddress, protocol: 6, port: 80}));

onKernel('every frame of the shared fixtures is decided as written there', t => {
  const {replica} = startTwins();
  t.teardown(() => replica.close());

  for (const {name, frame, reason, service, group, bin, server} of fixture.frames) {
    const bytes = bytesOf(frame);
    if (bytes.length >= 14) {
      const explained = replica.explain(bytes);

      t.like(
        {...explained, reason: fixture.reasons[explained.reason]?.name},
        {reason, service, group, bin, server},
        name,
      );
    }
  }
});

onKernel('keys are hashed as the shared fixtures say', t => {
  const {replica, twins} = startTwins();
  t.teardown(() => replica.close());
  const hashes = new Set(readFixture<{keys: {hash: string}[]}>('flow-hash.json').keys.map(({hash}) => hash));

  for (const {name, frame, bin} of fixture.frames) {
    if (bin !== -1) {
      t.is(twins.compare(bytesOf(frame)), undefined, name);
      t.true(hashes.has(replica.explain(bytesOf(frame)).hash.toString(16).padStart(16, '0')), name);
    }
  }
});

onKernel('every truncation of every valid frame is decided as by the twin', t => {
  const {replica, twins} = startTwins();
  t.teardown(() => replica.close());

  for (const {name, frame} of fixture.frames) {
    const bytes = bytesOf(frame);
    for (let length = 14; length <= bytes.length; length++) {
      t.is(twins.compare(bytes.slice(0, length)), undefined, `${name}, ${length} bytes`);
    }
  }

  t.is(twins.compareCounters(), undefined);
});

for (const isOneArm of [false, true]) {
  onKernel(`valid and mangled frames are decided as by the twin, ${isOneArm ? 'one arm' : 'two arms'}`, t => {
    const seed = Number(process.env.TACOPLEX_SEED ?? Date.now() % 4_294_967_296);
    t.log(`TACOPLEX_SEED=${seed}`);
    const random = randomFrom(seed);
    const {replica, twins} = startTwins(isOneArm);
    t.teardown(() => replica.close());
    const world = {
      ourMac: content.ourMac,
      targets: [...content.services, ...nobody],
      clients: clients as IpAddress[],
    };
    let before = randomFrame(random, world);
    let compared = 0;

    while (compared < 101_000) {
      const frame = randomFrame(random, world);
      for (const sent of [frame, mangleFrame(random, frame, before)].filter(({length}) => length >= 14)) {
        compared++;
        const difference = twins.compare(sent);
        if (difference !== undefined) {
          t.deepEqual(difference.program, difference.reference, difference.sent);
        }
      }

      before = frame;
    }

    t.log(twins.summary);
    t.is(twins.compareCounters(), undefined);
    t.deepEqual(
      fixture.reasons.map(({name}) => name).filter(name => !twins.summary.includes(`${name}=`)),
      [],
      'every reason has come up',
    );
  });
}
