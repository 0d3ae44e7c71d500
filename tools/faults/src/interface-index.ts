import {execFileSync} from 'node:child_process';

/** The number of an interface of this network namespace; 0: there is none of that name. */
export function indexOf(interfaceName: string): number {
  const links = JSON.parse(execFileSync('ip', ['-j', 'link', 'show', interfaceName], {encoding: 'utf8'})) as {
    readonly ifindex: number;
  }[];
  return links[0]?.ifindex ?? 0;
}
