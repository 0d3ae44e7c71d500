import {randomBytes} from 'node:crypto';
import type {Question} from '@tacoplex/messages';
import {ipToBytes} from '@tacoplex/vocabulary';
import type {Admin} from './admin.ts';
import {describeChange, printChange} from './change-document.ts';
import {removeLeveler} from './leveler-changes.ts';
import {parseAddress, parseAffinity, parseService, parseWeight} from './parse-words.ts';
import {Refusal} from './refusals.ts';
import {askStatus} from './show.ts';
import {formatPlainVersion, type StatusAnswered} from './status-document.ts';
import type {Given, Shown, World} from './verb.ts';

type Command = NonNullable<Question<'admin.ask'>['command']>;

/** One operation of a command, and nothing else of it. */
export type Operation = Omit<Command, 'id' | 'uid' | 'ifVersion'>;

/** An operation that can only be said once it is known what there is. */
export type Wish = Operation | ((status: StatusAnswered) => Operation);

/** Longer than the broker looks for a server and then waits for the elector, so that it can say what became of the change. */
const commandMs = 9000;

/** What each verb that changes something asks for. @throws Misunderstanding */
export const changes = {
  addServer: ({operands: [name = '', address = ''], options}): Wish => ({
    addServer: {
      name,
      address: ipToBytes(parseAddress(address)),
      group: text(options.group),
      weight: parseWeight(text(options.weight ?? '1')),
    },
  }),
  removeServer: ({operands: [name = '']}): Wish => ({removeServer: {name}}),
  setWeight: ({operands: [name = '', weight = '']}): Wish => ({setWeight: {name, weight: parseWeight(weight)}}),
  addService: ({operands: [service = ''], options}): Wish => ({
    addService: {
      ...serviceFields(service),
      group: text(options.group),
      affinity: parseAffinity(text(options.affinity ?? 'flow')),
    },
  }),
  removeService: ({operands: [service = '']}): Wish => ({removeService: serviceFields(service)}),
  addGroup: ({operands: [name = '']}): Wish => ({addGroup: {name}}),
  removeGroup: ({operands: [name = '']}): Wish => ({removeGroup: {name}}),
  removeLeveler,
} as const satisfies Readonly<Record<string, (given: Given) => Wish>>;

function serviceFields(word: string): {address: Uint8Array; protocol: number; port: number} {
  const service = parseService(word);
  return {...service, address: ipToBytes(service.address)};
}

function text(option: string | boolean | undefined): string {
  return typeof option === 'string' ? option : '';
}

/**
 * Have a change made, and tell where it is in force.
 *
 * @param ifVersion refuse unless this one is in force; undefined: whatever it is
 * @param force even if its address looks wrong, where the broker can be in doubt
 * @throws Refusal
 */
export async function carryOut(world: World, wish: Wish, ifVersion?: string, force = false): Promise<Shown> {
  const admin = await world.admin();
  const status = typeof wish === 'function' || ifVersion !== undefined ? await askStatus(admin) : undefined;
  const operation = typeof wish === 'function' ? wish(status as StatusAnswered) : wish;
  const condition = ifVersion === undefined ? {} : {ifVersion: versionInForce(status as StatusAnswered, ifVersion)};
  const answer = await command(admin, {...operation, ...condition}, force);
  const document = describeChange(answer, await askStatus(admin));
  return {document, print: style => printChange(document, style)};
}

/**
 * The whole name of the version that is asked for, if it is the one in force here. The leader compares once more.
 *
 * @throws Refusal if it is not
 */
function versionInForce({state}: StatusAnswered, wanted: string): NonNullable<Command['ifVersion']> {
  const version = state?.version;
  const isNow = formatPlainVersion(version);
  if (version && isNow === wanted) {
    return version;
  }

  throw new Refusal(
    isNow === null ? 'this leveler has no cluster state yet' : `version ${isNow} is in force, not ${wanted}`,
    'nothing was changed; look again with: taco status',
  );
}

async function command(
  admin: Admin,
  operation: Omit<Command, 'id' | 'uid'>,
  force: boolean,
): Promise<Parameters<typeof describeChange>[0]> {
  const uid = process.getuid?.() ?? 0;
  const {command: answer} = await admin.ask({command: {id: randomBytes(16), uid, ...operation}, force}, commandMs);
  if (!answer) {
    throw new Refusal('admin-broker answered something else', 'taco version shows whether the versions differ');
  }

  return answer;
}
