import {constants} from 'node:os';
import test from 'ava';
import {whyNotNative} from '../src/xdp-link.ts';

const {EINVAL, EOPNOTSUPP, ERANGE} = constants.errno;

test('a driver without native XDP is told as that, whatever the MTU', t => {
  t.is(whyNotNative(EOPNOTSUPP, 1500), 'the driver has no native XDP');
  t.is(whyNotNative(EOPNOTSUPP, 9000), 'the driver has no native XDP');
});

test('a driver that refuses frames of several buffers is told with the MTU', t => {
  t.is(
    whyNotNative(ERANGE, 9000),
    'the driver refuses native XDP: ERANGE; at an MTU of 9000 a frame does not fit into one buffer',
  );
  t.regex(whyNotNative(EINVAL, 3499), /at an MTU of 3499/);
});

test('where the MTU is not the reason, or is not known, it is not blamed', t => {
  t.is(whyNotNative(EINVAL, 3498), 'the driver refuses native XDP: EINVAL');
  t.is(whyNotNative(EINVAL, undefined), 'the driver refuses native XDP: EINVAL');
});
