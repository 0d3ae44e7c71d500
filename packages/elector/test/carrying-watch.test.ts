import {collectLog} from '@tacoplex/testkit';
import test from 'ava';
import fc from 'fast-check';
import {CarryingWatch} from '../src/carrying-watch.ts';

const {log} = collectLog('elector', 'notice');
const wallS = 1_790_000_000;

test('nothing is told before the frame-forwarder has spoken, unless it does not within 3 s', t => {
  const watch = new CarryingWatch(log, 1000);
  t.is(watch.look(3999, wallS), undefined);
  t.deepEqual(watch.look(4000, wallS + 0.9), {whyNot: 'frame-forwarder is silent', sinceS: wallS});
  t.is(watch.look(4050, wallS + 1), undefined);
});

test('whoever has spoken within 1100 ms carries, or says why not', t => {
  const watch = new CarryingWatch(log, 0);
  watch.hear('', 100);
  t.like(watch.look(100, wallS), {whyNot: ''});
  watch.hear('ip_forward is 0', 350);
  t.is(watch.look(350, wallS), undefined);
  t.like(watch.look(450, wallS), {whyNot: 'ip_forward is 0'});
  t.is(watch.look(1450, wallS), undefined);
  t.like(watch.look(1451, wallS), {whyNot: 'frame-forwarder is silent'});
});

test('it carries again when nothing has kept it from that for 2 s', t => {
  const watch = new CarryingWatch(log, 0);
  watch.hear('', 0);
  watch.look(0, wallS);
  t.is(watch.look(1101, wallS), undefined);
  t.like(watch.look(1201, wallS), {whyNot: 'frame-forwarder is silent'});
  for (let nowMs = 1251; nowMs < 3201; nowMs += 50) {
    watch.hear('', nowMs);
    t.is(watch.look(nowMs, wallS), undefined);
  }

  watch.hear('', 3201);
  t.like(watch.look(3201, wallS + 2), {whyNot: '', sinceS: wallS + 2});
});

test('an arp-announcer that has spoken is missed after 2.5 s, whatever the frame-forwarder says', t => {
  const watch = new CarryingWatch(log, 0);
  const lookAt = (nowMs: number) => {
    watch.hear('', nowMs);
    return watch.look(nowMs, wallS);
  };
  t.like(lookAt(0), {whyNot: ''});
  t.is(lookAt(60_000), undefined);
  watch.hearAnnouncer(60_000);
  t.is(lookAt(62_500), undefined);
  t.is(lookAt(62_501), undefined);
  t.like(lookAt(62_601), {whyNot: 'arp-announcer is silent'});

  t.is(lookAt(69_950), undefined);
  watch.hearAnnouncer(70_000);
  t.is(lookAt(70_000), undefined);
  t.is(lookAt(71_900), undefined);
  t.like(lookAt(71_950), {whyNot: ''});
});

test('what passes within 100 ms is not told', t => {
  const watch = new CarryingWatch(log, 0);
  watch.hear('', 0);
  watch.look(0, wallS);
  watch.hear('eth1 is down', 50);
  t.is(watch.look(50, wallS), undefined);
  watch.hear('', 140);
  t.is(watch.look(140, wallS), undefined);
  watch.hear('eth1 is down', 200);
  t.is(watch.look(200, wallS), undefined);
  t.is(watch.look(299, wallS), undefined);
  t.like(watch.look(300, wallS), {whyNot: 'eth1 is down'});
});

test('however it comes and goes, it is told to carry at most each 2 s', t => {
  fc.assert(
    fc.property(
      fc.array(fc.record({afterMs: fc.integer({min: 1, max: 900}), whyNot: fc.constantFrom('', 'x')})),
      said => {
        const watch = new CarryingWatch(log, 0);
        let [nowMs, impairedMs] = [0, Number.NEGATIVE_INFINITY];
        for (const {afterMs, whyNot} of said) {
          nowMs += afterMs;
          watch.hear(whyNot, nowMs);
          const told = watch.look(nowMs, wallS);
          impairedMs = whyNot === '' ? impairedMs : nowMs;
          if (told?.whyNot === '' && nowMs - impairedMs < 2000) {
            return false;
          }
        }

        return true;
      },
    ),
  );
  t.pass();
});
