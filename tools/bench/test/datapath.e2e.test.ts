import {readdirSync} from 'node:fs';
import test, {type TestFn} from 'ava';
import {allCases, type Case} from '../src/datapath-cases.ts';
import {frameOf, senderMac} from '../src/datapath-frames.ts';
import {LimitForwarder} from '../src/datapath-limit.ts';
import {DatapathStage} from '../src/datapath-stage.ts';
import {XdpForwarder} from '../src/datapath-xdp.ts';
import {takeTurn} from '../src/interruption.ts';

/** Namespaces and XDP programs take root. */
const onKernel = (process.getuid?.() === 0 ? test : test.skip) as TestFn;

const caseNamed = (wanted: string): Case => allCases.find(({name}) => name === wanted)!;
const count = 6400;

async function arrivedAll(stage: DatapathStage, before = 0): Promise<number> {
  for (let turn = 0; turn < 1000 && stage.arrived.frames < before + count; turn++) {
    await takeTurn();
  }

  return stage.arrived.frames - before;
}

onKernel.serial('the generator sends what the bench says it does, whatever the flow', t => {
  const stage = new DatapathStage(['limit']);
  t.teardown(() => stage.destroy());
  const [lane] = stage.lanes;
  const flows = new Set<number>();
  for (const one of allCases) {
    const frame = frameOf(one, lane!.netA.mac, senderMac);
    stage.order(lane!, frame, one.flows);
    for (let time = 0; time < 50; time++) {
      const sent = stage.sample(frame);
      const port = new DataView(sent.buffer, sent.byteOffset).getUint16(one.family === 4 ? 34 : 54);
      flows.add(0xffff - port);
      t.deepEqual(Uint8Array.from(sent), frameOf(one, lane!.netA.mac, senderMac, 0xffff - port));
    }
  }

  t.true(flows.size > 300); // 600 were drawn
});

onKernel.serial('each frame that is forwarded is counted where it arrives', async t => {
  const stage = new DatapathStage(['limit']);
  t.teardown(() => stage.destroy());
  const [lane] = stage.lanes;
  const limit = new LimitForwarder(stage, lane!);
  t.teardown(() => limit.close());
  const frame = frameOf(caseNamed('udp4-60'), lane!.netA.mac, senderMac);
  stage.order(lane!, frame, 65_536);

  stage.send(frame, count);

  t.is(await arrivedAll(stage), count);
  const {bytes, others, servers} = stage.arrived;
  t.deepEqual([bytes, others, servers[1]], [count * 60, 0, count]);
});

onKernel.serial(
  'each frame that is forwarded ends in the stack, if that is asked for, and is counted there',
  async t => {
    const stage = new DatapathStage(['limit']);
    t.teardown(() => stage.destroy());
    const [lane] = stage.lanes;
    const limit = new LimitForwarder(stage, lane!);
    t.teardown(() => limit.close());
    for (const name of ['udp4-60', 'tcp6-60']) {
      const frame = frameOf(caseNamed(name), lane!.netA.mac, senderMac);
      stage.sink.use('driver');
      stage.sink.use('stack');
      const [before, seenBefore] = [stage.arrived, stage.sink.countSeenByStack()];
      stage.order(lane!, frame, 65_536);

      stage.send(frame, count);

      t.is(await arrivedAll(stage, before.frames), count);
      t.is(stage.arrived.bytes - before.bytes, count * frame.length);
      t.is(stage.sink.countSeenByStack() - seenBefore, count);
    }
  },
);

onKernel.serial('the xdp engine levels them to every server', async t => {
  const stage = new DatapathStage(['xdp']);
  t.teardown(() => stage.destroy());
  const [lane] = stage.lanes;
  const xdp = new XdpForwarder(stage, lane!);
  t.teardown(() => xdp.close());
  const one = caseNamed('tcp6-60-4servers');
  await xdp.prepare(one);
  xdp.renew();
  const frame = frameOf(one, lane!.netA.mac, senderMac);
  stage.order(lane!, frame, one.flows);

  stage.send(frame, count);

  t.is(await arrivedAll(stage), count);
  const served = stage.arrived.servers.filter(frames => frames > 0);
  t.is(served.length, 4);
  t.true(served.every(frames => frames > count / 8));
});

onKernel.serial('nothing is left of a stage', t => {
  const stage = new DatapathStage(['limit']);
  const name = stage.namespaces.nameOf('limit');
  t.true(readdirSync('/run/netns').includes(name));

  stage.destroy();

  t.false(readdirSync('/run/netns').some(other => other.startsWith(name.slice(0, -'limit'.length))));
});
