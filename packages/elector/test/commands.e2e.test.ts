import type {ClusterState, Operation} from '@tacoplex/cluster';
import type {LevelerId} from '@tacoplex/vocabulary';
import test from 'ava';
import {areLevel, type Leveler, server, startAll} from './stage.ts';

const onNamespaces = process.getuid?.() === 0 ? test.serial : test.serial.skip; // Making namespaces needs root

const remove = ({number}: Leveler): Operation => ({kind: 'removeMember', id: number as LevelerId});
const announce = ({number}: Leveler): Operation => ({
  kind: 'announceMember',
  id: number as LevelerId,
  name: `leveler${number}`,
});

onNamespaces(
  'a command is told who has it on disk and who follows it, and once more its first outcome after its leader was killed',
  async t => {
    const stage = await startAll(t, 3);
    const leader = await stage.untilOneLeads();
    const others = stage.levelers.filter(leveler => leveler !== leader);
    const id = '0123456789abcdef0123456789abcdef';

    const first = await leader.askUntilTold(server(1), {id});
    await leader.end('SIGKILL');
    await stage.until(() => areLevel(others));
    const second = await others[0]?.askUntilTold(server(1), {id});
    const third = await others[1]?.askUntilTold(server(1), {id});

    t.is(first.refusal, '');
    t.true(first.applied.includes(leader.number));
    t.true(first.kept.length >= 2, `committed by ${first.kept}`);
    for (const again of [second, third]) {
      t.deepEqual(again?.changes, first.changes);
      t.is(again?.refusal, '');
      t.true(again?.fenced.includes(leader.number));
    }

    t.is(others[0]?.state?.servers.length, 1);
  },
);

onNamespaces('bad commands are refused with the reason and what to type next, and nothing changes', async t => {
  const stage = await startAll(t, 3);
  const [one] = stage.levelers as [Leveler];
  await one.askUntilTold(server(1));
  await stage.until(() => areLevel(stage.levelers));
  const {state} = one as Leveler & {readonly state: ClusterState};
  const stale = {...state.version, index: 1};

  const answers = [
    await one.askUntilTold(server(2), {ifVersion: stale}),
    await one.askUntilTold({kind: 'removeMember', id: 9 as LevelerId}),
    await one.askUntilTold({kind: 'addGroup', name: 'x'.repeat(10_000)}),
    await one.askUntilTold({kind: 'removeServer', name: 's9'}),
  ];

  t.deepEqual(
    answers.map(({refusal}) => refusal.replace(/\d+\.\d+/g, 'T.I')),
    [
      'version T.I is in force, not T.I',
      'leveler 9 is no member',
      'the command has 10024 bytes, and at most 4096 are taken',
      'there is no server s9',
    ],
  );
  t.true(answers.every(({advice, changes}) => advice !== '' && changes.length === 0));
  await stage.until(() => areLevel(stage.levelers));
  const {version: _, ...unchanged} = state;
  t.like(one.state, unchanged);
});

onNamespaces('without a majority every command is refused at once, and says whom to bring back', async t => {
  const stage = await startAll(t, 3);
  const [one, two, three] = stage.levelers as [Leveler, Leveler, Leveler];
  await Promise.all([two.end('SIGKILL'), three.end('SIGKILL')]);
  await stage.until(() => one.view?.hasMajority === false && one.view.leader === 0);
  const {digest} = one;

  const answer = await one.ask(server(1));

  t.like(answer, {
    refusal: 'no majority: 1 of 3 levelers is heard, 2 are needed',
    advice: 'bring leveler2, leveler3 back, or mend the nets between; see: taco status',
  });
  t.is(one.digest, digest);
});

onNamespaces('a leveler is drained and undrained through another', async t => {
  const stage = await startAll(t, 3);
  const [one, two] = stage.levelers as [Leveler, Leveler];

  t.like(await one.leaveUntilTold({leveler: 2}), {refusal: '', held: []});
  await stage.until(() => two.isLeaving && one.peer(2)?.leaving === true);
  t.like(await one.leaveUntilTold({leveler: 2, stay: true}), {refusal: ''});
  await stage.until(() => !two.isLeaving && one.peer(2)?.leaving === false);

  t.like(await one.leaveUntilTold({leveler: 2, stay: true}), {refusal: 'it does not leave'});
  t.like(await one.leaveUntilTold({leveler: 9}), {refusal: 'there is no leveler 9'});
  two.setDataPath(false);
  await stage.until(() => two.isLeaving);
  t.regex((await one.leaveUntilTold({leveler: 2, stay: true})).refusal, /^it leaves for want of a data path/);
});

onNamespaces('a leveler that was removed stays out, even restarted, until it is let in again', async t => {
  const stage = await startAll(t, 3);
  const [one, two, three] = stage.levelers as [Leveler, Leveler, Leveler];
  const members = (): number | undefined => one.state?.members.length;

  t.like(await one.askUntilTold(remove(three)), {refusal: ''});
  await three.end('SIGKILL');
  three.start();
  await stage.until(() => areLevel(stage.levelers) && one.peer(3)?.live === true && three.view !== undefined);
  t.like(await two.askUntilTold(server(1)), {refusal: ''});
  t.is(members(), 2);
  t.false(three.view?.mayForward);

  t.like(await one.askUntilTold(announce(three)), {refusal: '', changes: ['leveler leveler3 (3) may join again']});
  await stage.until(() => members() === 3 && three.view?.mayForward === true);
  t.like(await one.askUntilTold(remove(three)), {refusal: ''});
  t.like(await one.askUntilTold(announce(three)), {refusal: ''});
  await stage.until(() => members() === 3 && areLevel(stage.levelers));
});

onNamespaces('each leveler sees who hears whom on which net', async t => {
  const stage = await startAll(t, 3);
  const [one, , three] = stage.levelers as [Leveler, Leveler, Leveler];
  const hears = (row: number, column: number) => one.peer(row)?.hears.find(({id}) => id === column);

  await stage.until(() => [1, 2, 3].every(row => [1, 2, 3].every(column => row === column || hears(row, column)?.onA)));
  stage.setLink(three, 'b', 'down');
  await stage.until(() => hears(2, 3)?.onB === false && hears(3, 2)?.onB === false);

  t.like(hears(2, 3), {onA: true, onB: false});
  t.like(hears(2, 1), {onA: true, onB: true});
  stage.setLink(three, 'b', 'up');
  await stage.until(() => hears(2, 3)?.onB === true && hears(3, 2)?.onB === true);
});
