import {readFacts} from '@tacoplex/links/read-facts';
import {ipFromBytes} from '@tacoplex/vocabulary';
import {type Check, checkCluster} from './cluster-checks.ts';
import {checkMachine} from './machine-check.ts';
import {parseSeconds} from './parse-words.ts';
import type {VerifyDocument} from './schemas.ts';
import {askStatus} from './show.ts';
import {describeStatus, type StatusAnswered} from './status-document.ts';
import {escapeControls, type Style} from './text.ts';
import type {Given, Shown, World} from './verb.ts';

/** A change or an election under way is over by then. */
const defaultWaitS = '3';
const againMs = 200;

/** `taco verify`: whether the levelers are one cluster, and this machine what it must be. What is under way is waited for, within bounds. */
export async function verify(world: World, {options}: Given): Promise<Shown> {
  const waitMs = parseSeconds(String(options.wait ?? defaultWaitS)) * 1000;
  const admin = await world.admin();
  const facts = readFacts();
  const check = (answer: StatusAnswered): Check[] => {
    const status = describeStatus(answer);
    const group = answer.snoopedGroup.length === 4 ? ipFromBytes(answer.snoopedGroup) : undefined;
    return [...checkCluster(status), ...checkMachine(status, facts, group)];
  };
  let checks = check(await askStatus(admin));
  for (let waitedMs = 0; waitedMs < waitMs && !checks.every(({ok}) => ok); waitedMs += againMs) {
    await world.pause(againMs);
    checks = check(await askStatus(admin));
  }

  const ok = checks.every(check => check.ok);
  const document: VerifyDocument = {ok, checks};
  return {document, print: style => printVerify(document, style), ...(ok ? {} : {exit: 1})};
}

function printVerify({checks}: VerifyDocument, style: Style): string {
  const width = Math.max(...checks.map(({check}) => check.length));
  return checks
    .flatMap(({check, ok, what, advice}) => [
      `${ok ? style.good('ok  ') : style.bad('FAIL')}  ${check.padEnd(width)}  ${escapeControls(what)}`,
      ...(ok ? [] : [`${' '.repeat(width + 8)}${escapeControls(advice)}`]),
    ])
    .join('\n');
}
