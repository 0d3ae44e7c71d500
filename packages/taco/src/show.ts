import type {Admin} from './admin.ts';
import {printGroups, printLevelers, printServers, printServices} from './print-lists.ts';
import {printStatus} from './print-status.ts';
import {printTable} from './print-table.ts';
import {Refusal} from './refusals.ts';
import type {StatusDocument, VersionDocument} from './schemas.ts';
import {describeStatus, type StatusAnswered} from './status-document.ts';
import {describeTable} from './table-document.ts';
import {escapeControls, type Style} from './text.ts';
import type {Given, Shown, World} from './verb.ts';

const questionMs = 2000;

/** @throws Refusal */
export async function askStatus(admin: Admin): Promise<StatusAnswered> {
  const {status} = await admin.ask({status: {}}, questionMs);
  return answered(status);
}

function answered<Part>(part: Part | null | undefined): Part {
  if (part === null || part === undefined) {
    throw new Refusal('admin-broker answered something else', 'taco version shows whether the versions differ');
  }

  return part;
}

/** @throws Refusal */
export async function readStatus(admin: Admin): Promise<StatusDocument> {
  return describeStatus(await askStatus(admin));
}

async function readOnce(world: World): Promise<StatusDocument> {
  return readStatus(await world.admin());
}

export async function showStatus(world: World): Promise<Shown> {
  return shownStatus(await readOnce(world));
}

export function shownStatus(document: StatusDocument): Shown {
  return {document, print: style => printStatus(document, style)};
}

export async function listLevelers(world: World): Promise<Shown> {
  const {levelers, outsiders} = await readOnce(world);
  const print = (style: Style): string =>
    [
      orNone(levelers, 'levelers', () => printLevelers(levelers, style)),
      ...outsiders.map(outsider => style.dim(describeOutsider(outsider))),
    ].join('\n');
  return {document: {levelers, outsiders}, print};
}

function describeOutsider({id, name, removed}: StatusDocument['outsiders'][number]): string {
  const what = removed ? 'was removed; to let it in again' : 'is announced and has not joined yet; to forget it';
  return escapeControls(`  ${name} (${id}) ${what}: taco leveler ${removed ? 'add' : 'remove'} ${name}`);
}

export async function listServers(world: World): Promise<Shown> {
  const {servers} = await readOnce(world);
  return {document: {servers}, print: style => orNone(servers, 'servers', () => printServers(servers, style))};
}

export async function listServices(world: World): Promise<Shown> {
  const {services} = await readOnce(world);
  return {document: {services}, print: style => orNone(services, 'services', () => printServices(services, style))};
}

export async function listGroups(world: World): Promise<Shown> {
  const {groups} = await readOnce(world);
  return {document: {groups}, print: style => orNone(groups, 'groups', () => printGroups(groups, style))};
}

function orNone(list: readonly unknown[], what: string, print: () => string): string {
  return list.length === 0 ? `No ${what}.` : print();
}

export async function showTable(world: World, {options}: Given): Promise<Shown> {
  const admin = await world.admin();
  const {table} = await admin.ask({table: {group: String(options.group ?? '')}}, questionMs);
  const document = describeTable(answered(table), options.bins === true);
  return {document, print: style => printTable(document, style)};
}

/** Of a broker that is not reached, taco's own version is told nevertheless. */
export async function showVersion(world: World): Promise<Shown> {
  const {software: taco} = world;
  try {
    const {software: broker} = await askStatus(await world.admin());
    return shownVersion({taco, broker});
  } catch (error) {
    if (!world.isJson) {
      world.writeLine(`taco ${taco}`);
    }

    throw error;
  }
}

function shownVersion(document: VersionDocument): Shown {
  return {document, print: () => `taco ${document.taco}\nadmin-broker ${document.broker}`};
}
