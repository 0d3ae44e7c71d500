import {ipFromBytes} from '@tacoplex/vocabulary';
import type {Admin} from './admin.ts';
import {confirm} from './confirm.ts';
import {joinNames} from './join-names.ts';
import {Refusal} from './refusals.ts';
import type {DrainDocument, UndrainDocument} from './schemas.ts';
import {askStatus} from './show.ts';
import {ownNameOf} from './status-document.ts';
import {escapeControls, type Style} from './text.ts';
import type {Given, Shown, World} from './verb.ts';

/** Longer than the broker waits for elector and frame-forwarder together. */
const drainMs = 11_000;

/** How a leveler without its data path comes back. */
const howToRestart = 'supervisorctl restart all, or systemctl restart tacoplex.target';

/** How a leveler that leaves comes back. */
export const howToReturn = (name: string): string => `taco leveler undrain ${name}`;

type Wish = {readonly name: string; readonly uninstall: boolean; readonly force: boolean; readonly undo: boolean};
type Drained = {readonly name: string; readonly held: readonly Uint8Array[]; readonly uninstalled: Uninstalled};
type Uninstalled = {readonly engine: string; readonly interface: string} | null | undefined;

/** `taco leveler drain`: have a leveler leave. @throws Refusal */
export async function drain(world: World, {operands: [name = ''], options}: Given): Promise<Shown> {
  const admin = await world.admin();
  if (name === '') {
    const own = ownNameOf(await askStatus(admin)) ?? 'this leveler';
    await confirm(world, options, {
      question: `drain ${own}, the leveler that this is typed on`,
      instead: `name it: taco leveler drain ${own}`,
    });
  }

  const wish = {name, uninstall: options.uninstall === true, force: options.force === true, undo: false};
  const answer = await ask(admin, wish);
  const {held, uninstalled} = answer;
  const document = {
    leveler: answer.name,
    holds: held.map(ipFromBytes),
    uninstalled: uninstalled ? {engine: uninstalled.engine, interface: uninstalled.interface} : null,
  };
  return {document, print: style => printDrain(document, style)};
}

/** `taco leveler undrain`: have it take part again. @throws Refusal */
export async function undrain(world: World, {operands: [name = '']}: Given): Promise<Shown> {
  const answer = await ask(await world.admin(), {name, uninstall: false, force: false, undo: true});
  const document: UndrainDocument = {leveler: answer.name};
  return {
    document,
    print: () => escapeControls(`leveler ${answer.name} takes part again: it takes shared addresses, and may lead`),
  };
}

async function ask(admin: Admin, wish: Wish): Promise<Drained> {
  const {drain: answer} = await admin.ask({drain: {...wish, uid: process.getuid?.() ?? 0}}, drainMs);
  if (!answer) {
    throw new Refusal('admin-broker answered something else', 'taco version shows whether the versions differ');
  }

  return answer;
}

function printDrain({leveler, holds, uninstalled}: DrainDocument, style: Style): string {
  const held = holds.length === 0 ? 'and holds no shared address' : `and holds what nobody takes: ${joinNames(holds)}`;
  const gone =
    uninstalled === null ? [] : [`its data path (${uninstalled.engine}) is uninstalled from ${uninstalled.interface}`];
  const back = uninstalled === null ? howToReturn(leveler) : `here: ${howToRestart}`;
  return [
    ...[`leveler ${leveler} leaves: it leads no more, ${held}`, ...gone].map(escapeControls),
    style.dim(`to bring it back: ${escapeControls(back)}`),
  ].join('\n');
}
