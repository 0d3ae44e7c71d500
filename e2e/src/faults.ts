import {findHolder, untilWhole} from '@tacoplex/faults';
import {type Engine, type Lab, shared, statusWith, waitFor} from '@tacoplex/lab';
import {fetchPages} from './http.ts';
import {onStage} from './stage.ts';

/**
 * What each engine must survive: declared once, staged in a file of its own for each.
 *
 * @param lab three levelers with that engine, three servers, dwell 0; each test leaves it whole
 */
export function declareFaults(engine: Engine, lab: () => Lab): void {
  const test = onStage();
  const service = `http://${shared.servIp.ipv4}/`;
  const processes = ['elector', 'frame-forwarder', 'arp-announcer', 'admin-broker'];

  for (const victim of processes) {
    test(`${victim} killed on the holder is restarted and caught up, and the other processes do not notice`, async t => {
      await untilWhole(lab());
      const holder = await findHolder(lab());
      const before = new Map((await lab().supervised(holder))?.map(({name, pid}) => [name, pid]));
      const requests = fetchPages(lab(), service, 200);

      await lab().killProcess(holder, victim);
      await waitFor(
        async () => {
          const now = (await lab().supervised(holder))?.find(({name}) => name === victim);
          return now?.state === 'RUNNING' && now.pid !== before.get(victim);
        },
        {what: `${victim} runs again`},
      );
      await untilWhole(lab());

      for (const {name, pid} of (await lab().supervised(holder)) ?? []) {
        t.is(pid === before.get(name), name !== victim, name);
      }
      t.deepEqual((await requests).perCause, {});
      t.deepEqual((await fetchPages(lab(), service, 40)).perCause, {});
    });
  }

  test('the frame-forwarder follows the state again after it was killed', async t => {
    const holder = await findHolder(lab());
    await lab().killProcess(holder, 'frame-forwarder');

    const running = await statusWith(
      lab(),
      holder,
      'the data path follows the state',
      ({engine: running, digest}) => running !== null && running.digest === digest && running,
    );

    t.is(running.haltedBecause, null);
    t.is(running.name, engine);
  });

  test('the holder loses its net A interface: another takes over, and it forwards again when it is back', async t => {
    await untilWhole(lab());
    const holder = await findHolder(lab());
    const other =
      lab()
        .levelers.map(({name}) => name)
        .find(name => name !== holder) ?? '';

    await lab().linkDown(holder, 'a0');
    const successor = await statusWith(
      lab(),
      other,
      'another holds the LevIP',
      ({addresses}) =>
        addresses.find(({net, holder: now}) => net === 'a' && now !== null && now !== holder)?.holder ?? undefined,
    );
    t.deepEqual((await fetchPages(lab(), service, 100)).perCause, {});

    await lab().linkUp(holder, 'a0');
    await untilWhole(lab());
    await lab().powerOff(successor);
    await lab().powerOff(
      lab()
        .levelers.map(({name}) => name)
        .find(name => name !== holder && name !== successor) ?? '',
    );
    await statusWith(lab(), holder, 'it holds the LevIP again', ({addresses}) =>
      addresses.some(({net, holder: now}) => net === 'a' && now === holder),
    );
    t.deepEqual((await fetchPages(lab(), service, 100)).perCause, {});

    for (const {name} of lab().levelers) {
      await lab().powerOn(name);
    }
    await untilWhole(lab());
  });

  /** Who serves each bin, as a leveler knows it. */
  const tableOf = async (leveler: string): Promise<unknown> => {
    const {stdout} = await lab().exec(leveler, ['taco', 'table', 'show', '--bins', '--json']);
    return (JSON.parse(stdout) as {groups: unknown}).groups;
  };

  test('the holder loses power: its address moves, requests go on, and it comes back with no bin moved', async t => {
    await untilWhole(lab());
    const holder = await findHolder(lab());
    const other =
      lab()
        .levelers.map(({name}) => name)
        .find(name => name !== holder) ?? '';
    const before = await tableOf(other);
    const requests = fetchPages(lab(), service, 400);

    await lab().powerOff(holder);
    await statusWith(lab(), other, 'another holds every address', ({addresses}) =>
      addresses.filter(({address}) => address.includes('.')).every(({holder: now}) => now !== null && now !== holder),
    );

    t.deepEqual((await requests).perCause, {});
    await lab().powerOn(holder);
    await untilWhole(lab());
    t.deepEqual(await tableOf(holder), before);
  });
}
