import type {Case} from './datapath-cases.ts';
import type {Forwarder} from './datapath-forwarder.ts';
import {serviceAddresses, servicePort} from './datapath-frames.ts';
import {type DatapathStage, type Lane, serverMac} from './datapath-stage.ts';

/** nftables at ingress: addresses and ports hashed to a server, frames sent on to it. */
export class NftForwarder implements Forwarder {
  readonly #stage: DatapathStage;
  readonly #lane: Lane;

  constructor(stage: DatapathStage, lane: Lane) {
    this.#stage = stage;
    this.#lane = lane;
    stage.namespaces.run(lane.name, 'ethtool -K neta gro on');
  }

  async prepare(one: Case): Promise<void> {
    const {namespaces} = this.#stage;
    namespaces.run(
      this.#lane.name,
      `/usr/sbin/nft -f - <<'END'\nflush ruleset\n${rulesetFor(one, this.#lane.netB.mac)}END`,
    );
  }

  close(): void {}
}

/** For nft -f: by its full path, since under npm another package's command has the name. */
export function rulesetFor({protocol, family, servers}: Case, sourceMac: string): string {
  const ip = family === 4 ? 'ip' : 'ip6';
  const key = `${ip} saddr . ${ip} daddr . ${protocol} sport . ${protocol} dport`;
  const macs = Array.from({length: servers}, (_, index) => `${index} : ${serverMac(index + 1)}`);
  return `table netdev leveler {
  chain arrivals {
    type filter hook ingress device "neta" priority 0; policy accept;
    ${ip} daddr ${serviceAddresses[family]} ${protocol} dport ${servicePort} ether saddr set ${sourceMac} ether daddr set jhash ${key} mod ${servers} seed 0x7ac0 map { ${macs.join(', ')} } fwd to "netb"
  }
}
`;
}
