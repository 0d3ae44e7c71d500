import {ipFromBytes} from '@tacoplex/vocabulary';
import {Refusal} from './refusals.ts';
import type {DrainDocument} from './schemas.ts';
import {escapeControls, type Style} from './text.ts';
import type {Given, Shown, World} from './verb.ts';

/** Longer than the broker waits for elector and frame-forwarder together. */
const drainMs = 11_000;

/** How a leveler that leaves comes back. */
export const howToReturn = 'supervisorctl restart all, or systemctl restart tacoplex.target';

/** `taco leveler drain`: have the leveler that it is typed on leave. @throws Refusal */
export async function drain(world: World, {operands: [name = ''], options}: Given): Promise<Shown> {
  const admin = await world.admin();
  const wish = {
    name,
    uninstall: options.uninstall === true,
    force: options.force === true,
    uid: process.getuid?.() ?? 0,
  };
  const {drain: answer} = await admin.ask({drain: wish}, drainMs);
  if (!answer) {
    throw new Refusal('admin-broker answered something else', 'taco version shows whether the versions differ');
  }

  const {held, uninstalled} = answer;
  const document = {
    leveler: answer.name,
    holds: held.map(ipFromBytes),
    uninstalled: uninstalled ? {engine: uninstalled.engine, interface: uninstalled.interface} : null,
  };
  return {document, print: style => printDrain(document, style)};
}

function printDrain({leveler, holds, uninstalled}: DrainDocument, style: Style): string {
  const held = holds.length === 0 ? 'and holds no shared address' : `and holds what nobody takes: ${holds.join(' ')}`;
  const gone =
    uninstalled === null ? [] : [`its data path (${uninstalled.engine}) is uninstalled from ${uninstalled.interface}`];
  return [
    ...[`leveler ${leveler} leaves: it leads no more, ${held}`, ...gone].map(escapeControls),
    style.dim(`to bring it back, here: ${howToReturn}`),
  ].join('\n');
}
