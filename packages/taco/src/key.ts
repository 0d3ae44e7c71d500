import {randomBytes} from 'node:crypto';
import {writeFileSync} from 'node:fs';
import {fromHex} from '@tacoplex/vocabulary';
import {carryOut, type Wish} from './change.ts';
import {describeKeys, printKeyChange, printKeys} from './key-document.ts';
import {readIfVersion} from './parse-words.ts';
import {Misunderstanding, Refusal} from './refusals.ts';
import type {ChangeDocument, KeyFileDocument} from './schemas.ts';
import {askStatus} from './show.ts';
import {keyIdOf, type StatusAnswered} from './status-document.ts';
import {escapeControls} from './text.ts';
import type {Given, Shown, World} from './verb.ts';

const defaultConfig = '/etc/tacoplex/taco.toml';
const modeOfSecrets = 0o600;

/** What becomes of a member that is not heard when a step is forced. */
const leftBehind = 'left behind: it needs a file of taco key export to come back';

/** `taco key list`. */
export async function listKeys(world: World): Promise<Shown> {
  const document = describeKeys(await askStatus(await world.admin()));
  return {document, print: style => printKeys(document, style)};
}

/** `taco key add`: the elector that is asked draws it. */
export async function addKey(world: World, given: Given): Promise<Shown> {
  return step(world, given, {addKey: {byHand: given.options.byHand === true}}, 'has until taco key activate to return');
}

export async function activateKey(world: World, given: Given): Promise<Shown> {
  return step(world, given, status => ({activateKey: stepFields(status, given)}), leftBehind);
}

export async function retireKey(world: World, given: Given): Promise<Shown> {
  return step(world, given, status => ({retireKey: stepFields(status, given)}), leftBehind);
}

async function step(world: World, given: Given, wish: Wish, help: string): Promise<Shown> {
  const {document} = await carryOut(world, wish, readIfVersion(given));
  return {document, print: style => printKeyChange(document as ChangeDocument, help, style)};
}

/** A key that the cluster does not name any more is sent as it was typed: to retire it again is no fault. */
function stepFields({state}: StatusAnswered, {operands: [id = ''], options}: Given) {
  if (!/^([0-9a-f]{8}|[0-9a-f]{16}|)$/.test(id)) {
    throw new Misunderstanding(`${id} is no id of a key`, 'an id is 8 digits of 0-9 and a-f; taco key list shows them');
  }

  const known = state?.keys.find(({fingerprint}) => keyIdOf(fingerprint) === id.slice(0, 8))?.fingerprint;
  const fingerprint = known ?? (id === '' ? new Uint8Array() : (fromHex(id.padEnd(16, '0')) ?? new Uint8Array()));
  return {fingerprint, force: options.force === true};
}

/** `taco key export FILE`: the keys of this leveler, for one that joins, or that missed a rotation. */
export async function exportKeys(world: World, {operands: [file = '']}: Given): Promise<Shown> {
  const {formatKeyRing, readConfig, readRing} = await import('@tacoplex/config');
  const config = readConfig(world.configFile ?? defaultConfig);
  const ring = readRing(config);
  const keys = ring.keys.filter(({stage}) => stage !== 'retired');
  const copy = randomBytes(8).toString('hex');
  writeSecret(file, formatKeyRing({...ring, cluster: config.cluster.name, keyFile: '', copy, keys}));
  return wrote(
    file,
    'bring it to the other leveler as the key_file of its config, mode 0600, owned by the user that runs the daemons; then delete this copy',
  );
}

/** `taco key generate FILE`: a key alone. */
export async function generateKey(_world: World, {operands: [file = '']}: Given): Promise<Shown> {
  writeSecret(file, `${randomBytes(32).toString('hex')}\n`);
  return wrote(file, 'every leveler of the cluster needs the same one, owned by the user that runs the daemons');
}

function wrote(file: string, advice: string): Shown {
  const document: KeyFileDocument = {file, advice};
  return {document, print: style => `${escapeControls(`${file} written`)}\n${style.dim(advice)}`};
}

/** Never over what is there, and never to be read by others. */
function writeSecret(file: string, text: string): void {
  try {
    writeFileSync(file, text, {flag: 'wx', mode: modeOfSecrets, flush: true});
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    throw code === 'EEXIST'
      ? new Refusal(`${file} is there already`, 'name another file, or remove that one first', {cause: error})
      : new Refusal(`${file} cannot be written (${code ?? 'unknown'})`, 'name a file in a folder of yours', {
          cause: error,
        });
  }
}
