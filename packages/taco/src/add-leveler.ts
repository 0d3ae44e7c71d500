import {carryOut} from './change.ts';
import {addLeveler} from './leveler-changes.ts';
import {readIfVersion} from './parse-words.ts';
import {askStatus} from './show.ts';
import {escapeControls} from './text.ts';
import type {Given, Shown, World} from './verb.ts';

const howToInstall = [
  'it is admitted by itself once it is heard, and counts from then on. On it:',
  '  install the same version, copy /etc/tacoplex/taco.toml and the key file (mode 0600)',
  '  node /opt/tacoplex/packages/elector/dist/bundle/main.js -n    checks both',
  '  systemctl start tacoplex.target, or supervisorctl start all',
  'then here: taco verify',
];

/** `taco leveler add`: and what to do next. @throws Refusal, Misunderstanding */
export async function announceLeveler(world: World, given: Given): Promise<Shown> {
  const shown = await carryOut(world, addLeveler(given), readIfVersion(given));
  const [name] = given.operands;
  const {view} = await askStatus(await world.admin());
  const isHeard = view?.peers.some(peer => peer.name === name && peer.live) ?? false;
  const next = isHeard ? ['it is heard: it is admitted in a moment. Look with: taco leveler list'] : howToInstall;
  return {...shown, print: style => [shown.print(style), ...next.map(escapeControls)].join('\n')};
}
