import {levIp, shared} from './addresses.ts';
import type {LabOptions, Role} from './plan.ts';

/** `/etc/tacoplex/taco.toml` of every leveler of a laboratory, or of its witness. */
export function writeTacoToml({name, levIps, dwellS, engine}: LabOptions, role: Role = 'leveler'): string {
  const addresses = Array.from({length: levIps}, (_, index) => levIp(index));
  return `${role === 'witness' ? 'role = "witness"\n\n' : ''}[cluster]
name = "${name}"
key_file = "/etc/tacoplex/cluster.key"

[net_a]
subnet = "10.0.0.0/24"
subnet6 = "fd00:a::/64"
levips = ${list([...addresses.map(({ipv4}) => ipv4), ...addresses.map(({ipv6}) => ipv6)])}
routers = ${list(['10.0.0.1', 'fd00:a::1'])}

[net_b]
subnet = "10.0.1.0/24"
subnet6 = "fd00:b::/64"
gateways = ${list([shared.gateway.ipv4, shared.gateway.ipv6])}

[intake]
mode = "turns"
dwell_s = ${dwellS}

[engine]
engine = "${engine}"
`;
}

/** The nginx of a server. Its prefix is a folder of its own, which holds `html/`. */
export function writeNginxConf(): string {
  return `user root;
worker_processes 1;
pid nginx.pid;
events {
  worker_connections 4096;
}
http {
  access_log off;
  default_type text/plain;
  keepalive_requests 1000000;
  client_body_temp_path tmp;
  proxy_temp_path tmp;
  fastcgi_temp_path tmp;
  uwsgi_temp_path tmp;
  scgi_temp_path tmp;
  server {
    listen 80 backlog=4096;
    listen [::]:80 backlog=4096;
    root html;
    location = / {
      try_files /name =404;
    }
  }
}
`;
}

function list(words: readonly string[]): string {
  return `[${words.map(word => `"${word}"`).join(', ')}]`;
}
