import {type Facts, findUnmet} from '@tacoplex/links/requirements';
import {type IpAddress, parseIp} from '@tacoplex/vocabulary';
import type {Check} from './cluster-checks.ts';
import type {StatusDocument} from './schemas.ts';

/**
 * Whether the machine that this is typed on is what docs/requirements.md asks for, as far as it can be read by who types it.
 *
 * @param group the config's, if beats need it and switches may forget it
 */
export function checkMachine({engine, addresses}: StatusDocument, facts: Facts, group?: IpAddress): Check[] {
  if (engine === null) {
    return []; // Its interfaces are not known, and the check of the data path says so
  }

  const gateways = addresses.flatMap(({net, address}) => (net === 'b' ? [parseIp(address)] : []));
  const unmet = findUnmet(
    {
      netA: engine.interfaceA,
      netB: engine.interfaceB,
      gateways: gateways.filter(ip => ip !== undefined),
      snoopedGroup: group,
    },
    facts,
  );
  const [must] = unmet.filter(({weight}) => weight === 'must');
  const filter = facts.ruleset === undefined ? '; packet filters cannot be read: sudo taco verify' : '';
  const hints = unmet.map(({what, mend}) => `; but ${what}, type: ${mend}`).join('');
  return [
    must === undefined
      ? {check: 'machine', ok: true, what: `this one meets docs/requirements.md${filter}${hints}`, advice: ''}
      : {check: 'machine', ok: false, what: `${must.name}: ${must.what}`, advice: must.mend},
  ];
}
