import {type Change, type For, Refusal} from './change.ts';
import {findGroup} from './change-groups.ts';
import {formatService} from './format.ts';
import {serversOf} from './group-tables.ts';
import {compareServices, isHostAddress, isInteger, protocols} from './rules.ts';
import {type ClusterState, type Group, limits, type Service, type ServiceName} from './state.ts';

export function addService(state: ClusterState, operation: For<'addService'>): Change | Refusal {
  const {address, protocol, port, affinity} = operation;
  const group = findGroup(state, operation.group);
  const fault = checkServiceName(operation) ?? (group instanceof Refusal ? group : checkPlace(state, group, operation));
  if (group instanceof Refusal || fault !== undefined) {
    return fault ?? (group as Refusal);
  }

  const service: Service = {address, protocol, port, group: group.number, affinity};
  const servers = serversOf(state, group.number).length;
  return {
    state: {...state, services: [...state.services, service].sort(compareServices)},
    changes: [
      `service ${formatService(service)} added: group ${group.name} (${servers === 1 ? '1 server' : `${servers} servers`}), affinity ${affinity}`,
    ],
  };
}

export function removeService(state: ClusterState, name: For<'removeService'>): Change | Refusal {
  const service = findService(state, name);
  return service === undefined
    ? new Refusal(`there is no service ${formatService(name)}`, 'see: taco service list')
    : {
        state: {...state, services: state.services.filter(other => other !== service)},
        changes: [`service ${formatService(service)} removed`],
      };
}

function findService({services}: ClusterState, name: ServiceName): Service | undefined {
  return services.find(service => compareServices(service, name) === 0);
}

function checkServiceName({address, protocol, port}: ServiceName): Refusal | undefined {
  if (!isHostAddress(address)) {
    return new Refusal(`${address} can be no service's address`, 'give an address that routers send to the LevIP');
  }

  if (!(protocols.includes(protocol) && isInteger(port, 0, 65_535))) {
    return new Refusal(
      `protocol ${protocol}, port ${port} can be no service`,
      'protocols are tcp (6), udp (17) and sctp (132), ports 1 to 65535; neither: everything',
    );
  }

  return protocol === 0 && port !== 0
    ? new Refusal(
        `port ${port} needs a protocol`,
        `name it: taco service add ${formatService({address, protocol: 6, port})}`,
      )
    : undefined;
}

function checkPlace(state: ClusterState, group: Group, name: ServiceName): Refusal | undefined {
  if (findService(state, name) !== undefined) {
    const text = formatService(name);
    return new Refusal(
      `there is a service ${text} already`,
      `to change it, remove it first: taco service remove ${text}`,
    );
  }

  const server = state.servers.find(({address}) => address === name.address);
  if (server !== undefined) {
    return new Refusal(
      `${name.address} is the own address of server ${server.name}`,
      'give the service another address',
    );
  }

  if (serversOf(state, group.number).length === 0) {
    const option = group.name === 'default' ? '' : ` --group ${group.name}`;
    return new Refusal(
      `a service without servers: group ${group.name} has none`,
      `add one first: taco server add NAME ADDRESS${option}`,
    );
  }

  return state.services.length < limits.services
    ? undefined
    : new Refusal(
        `there are ${limits.services} services already, and no more can be`,
        'one without a port stands for every port: taco service add ADDRESS',
      );
}
