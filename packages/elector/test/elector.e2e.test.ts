import test from 'ava';
import {areLevel, type Leveler, Stage, server, startAll} from './stage.ts';

const onNamespaces = process.getuid?.() === 0 ? test.serial : test.serial.skip; // Making namespaces needs root

onNamespaces('three levelers elect a leader, and a server added through any of them is on all', async t => {
  const stage = await startAll(t, 3);

  for (const [index, leveler] of stage.levelers.entries()) {
    const answer = await leveler.ask(server(index + 1));
    t.like(answer, {refusal: '', applied: [1, 2, 3], missing: []});
  }

  await stage.until(() => areLevel(stage.levelers));
  for (const {state} of stage.levelers) {
    t.deepEqual(
      state?.servers.map(({name}) => name),
      ['s1', 's2', 's3'],
    );
  }

  t.like(await stage.levelers[1]?.ask(server(1)), {changes: []});
});

onNamespaces('where no multicast gets through, levelers in a list find each other', async t => {
  const stage = await startAll(t, 3, true);

  t.like(await stage.levelers[1]?.ask(server(1)), {refusal: '', applied: [1, 2, 3], missing: []});
});

onNamespaces('when the leader is killed another leads, and the killed one rejoins with the same table', async t => {
  const stage = await startAll(t, 3);
  for (const number of [1, 2]) {
    await stage.levelers[0]?.ask(server(number));
  }

  const killed = await stage.untilOneLeads();
  const others = stage.levelers.filter(leveler => leveler !== killed);
  const table = others[0]?.state?.groups[0]?.base;
  await killed.end('SIGKILL');
  await stage.until(() => areLevel(others));
  const answer = await others[1]?.ask(server(3));
  killed.start();
  await stage.until(() => areLevel(stage.levelers));

  t.like(answer, {refusal: '', missing: [killed.number]});
  t.is(table?.length, 65_536);
  t.deepEqual(killed.state?.groups, others[0]?.state?.groups);
});

onNamespaces('after a loss of power everywhere the cluster has the table it had', async t => {
  const stage = await startAll(t, 2);
  await stage.levelers[0]?.ask(server(1));
  await stage.levelers[1]?.ask(server(2));
  const {groups, hashKey} = stage.levelers[0]?.state ?? {};
  await Promise.all(stage.levelers.map(async leveler => leveler.end('SIGKILL')));

  for (const leveler of stage.levelers) {
    leveler.digest = '';
    leveler.start();
  }

  await stage.until(() => areLevel(stage.levelers));
  t.deepEqual(stage.levelers[1]?.state?.groups, groups);
  t.deepEqual(stage.levelers[1]?.state?.hashKey, hashKey);
});

onNamespaces('a flood of datagrams is counted, and the cluster goes on', async t => {
  const stage = await startAll(t, 2);
  const [one, two] = stage.levelers as [Leveler, Leveler];

  stage.runIn(
    two,
    `
    import {createSocket} from 'node:dgram';
    const socket = createSocket('udp4');
    const forged = Buffer.alloc(200);
    for (let count = 0; count < 20_000; count++) {
      await new Promise(resolve => socket.send(forged, 7848, '10.0.1.1', resolve));
    }
    socket.close();
  `,
  );
  await stage.until(() => (one.view?.losses?.find(({name}) => name === 'over-limit')?.value ?? 0) > 0);
  await stage.until(() => one.lines.some(line => /warn: datagrams dropped .*=/.test(line)));

  t.is((await two.ask(server(1))).refusal, '');
});

onNamespaces('datagrams that nobody of the cluster has signed are counted and change nothing', async t => {
  const stage = await startAll(t, 2);
  const [one, two] = stage.levelers as [Leveler, Leveler];
  const before = one.digest;

  stage.runIn(
    two,
    `
    import {createSocket} from 'node:dgram';
    const socket = createSocket('udp4');
    const send = bytes => new Promise(resolve => socket.send(bytes, 7848, '10.0.1.1', resolve));
    await send(Buffer.from('garbage'));
    const forged = Buffer.alloc(200);
    forged.write('TaCo');
    forged[4] = 1;
    forged.writeUInt16BE(2, 6);
    await send(forged);
    socket.close();
  `,
  );
  await stage.until(() => one.lines.some(line => /warn: datagrams dropped malformed=1/.test(line)));
  const answer = await two.ask(server(1));

  t.is(answer.refusal, '');
  await stage.until(() => one.digest !== before);
  t.is(one.state?.members.length, 2);
});

onNamespaces('a leader that is asked to stop leaves with code 0 and is followed by another', async t => {
  const stage = await startAll(t, 3);
  const leader = await stage.untilOneLeads();
  const others = stage.levelers.filter(leveler => leveler !== leader);

  t.is(await leader?.end('SIGTERM'), 0);

  await stage.until(() => areLevel(others));
  t.true(
    others.every(({lines}) => lines.some(line => line.includes('notice: leveler left'))),
    others[0]?.lines.join('\n'),
  );
});

onNamespaces('a leader that is drained goes on as a follower until it is restarted', async t => {
  const stage = await startAll(t, 2);
  const leader = await stage.untilOneLeads();
  const [other] = stage.levelers.filter(leveler => leveler !== leader) as [Leveler];

  t.like(await leader.leave(), {refusal: '', held: []});
  t.regex((await other.leave()).refusal, /^no other leveler could take over/);

  // The lease of a young cluster's first leader may still have to be proven by the next one
  await stage.until(() => other.isLeader && areLevel(stage.levelers) && leader.view?.mayForward === true);
  t.true(leader.isLeaving);
  t.like(await leader.ask(server(1)), {refusal: '', missing: []});
  await leader.end('SIGKILL');
  leader.start();
  await stage.until(() => areLevel(stage.levelers) && !leader.isLeaving);
});

onNamespaces('a leveler whose data path was taken away leaves, even if its elector is restarted', async t => {
  const stage = await startAll(t, 2);
  const [one] = stage.levelers as [Leveler];

  one.setDataPath(false);
  await stage.until(() => one.isLeaving);
  await one.end('SIGKILL');
  one.start();
  await stage.until(() => one.isLeaving);
  one.setDataPath(true);

  await stage.until(() => areLevel(stage.levelers) && one.view !== undefined && !one.isLeaving);
  t.like(await one.ask(server(1)), {refusal: '', applied: [1, 2]});
});

onNamespaces('a leveler that loses net B is heard on net A, and on both when it is mended', async t => {
  const stage = await startAll(t, 3);
  const [one, , three] = stage.levelers as [Leveler, Leveler, Leveler];
  const {term} = one.view ?? {};
  const peer = () => one.view?.peers.find(({id}) => id === three.number);

  stage.setLink(three, 'b', 'down');
  await stage.until(() => peer()?.reachesB === false && (peer()?.silenceBMs ?? 0) > 500);
  t.true(peer()?.live);
  t.like(await three.ask(server(1)), {refusal: '', missing: []});
  stage.setLink(three, 'b', 'up');
  await stage.until(() => peer()?.reachesB === true && (peer()?.silenceBMs ?? 999) < 200);

  t.is(one.view?.term, term);
});

onNamespaces(
  'a leveler that loses both nets is refused its command, and is level again when they are mended',
  async t => {
    const stage = await startAll(t, 3);
    const cut = await stage.untilOneLeads();
    const others = stage.levelers.filter(leveler => leveler !== cut);
    for (const net of ['a', 'b'] as const) {
      stage.setLink(cut, net, 'down');
    }

    await stage.until(() => areLevel(others) && cut.view?.hasMajority === false);
    const refused = await cut.ask(server(1));
    const done = await others[0]?.ask(server(2));
    for (const net of ['a', 'b'] as const) {
      stage.setLink(cut, net, 'up');
    }

    await stage.until(() => areLevel(stage.levelers));
    t.regex(refused.refusal, /^no majority: 1 of 3 levelers is heard, 2 are needed/);
    t.like(done, {refusal: '', missing: [cut.number]});
    t.deepEqual(
      cut.state?.servers.map(({name}) => name),
      ['s2'],
    );
  },
);

onNamespaces('a witness on net B alone votes for whoever is left of two levelers, and nobody waits for it', async t => {
  const stage = new Stage();
  t.teardown(async () => stage.down());
  await stage.up(3);
  const [witness, ...levelers] = stage.levelers as [Leveler, Leveler, Leveler];
  stage.makeWitness(witness);
  for (const leveler of stage.levelers) {
    leveler.start();
  }

  await stage.until(() => areLevel(stage.levelers) && witness.state?.members.length === 3);
  t.true(witness.state?.members[0]?.witness);
  t.like(await levelers[0].ask(server(1)), {refusal: '', applied: [2, 3], missing: []});
  t.false(witness.view?.mayForward);

  const leader = levelers.find(({isLeader}) => isLeader) ?? levelers[0];
  const left = leader === levelers[0] ? levelers[1] : levelers[0];
  await leader.end('SIGKILL');
  await stage.until(() => left.isLeader);

  t.like(await left.ask(server(2)), {refusal: '', applied: [left.number]});
  t.true(left.view?.mayForward);
});
