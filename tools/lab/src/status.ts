import type {Lab} from './lab.ts';
import {isBooted, type LabOptions, type Role} from './plan.ts';

/** What a laboratory looks like now. */
export type LabStatus = {
  readonly options: LabOptions;
  readonly folder: string;
  readonly hosts: readonly HostStatus[];
};

export type HostStatus = {
  readonly name: string;
  readonly role: Role;
  readonly namespace: string;
  readonly isOn: boolean;
  readonly interfaces: Readonly<Record<string, {readonly ipv4: string; readonly ipv6: string; readonly mac: string}>>;
  /** State of each supervised process by name; empty but for levelers that are on. */
  readonly processes: Readonly<Record<string, string>>;
};

export async function describeLab(lab: Lab): Promise<LabStatus> {
  const hosts = lab.plan.hosts.map(async ({name, role, namespace, links}): Promise<HostStatus> => {
    const supervised = isBooted(role) ? ((await lab.supervised(name)) ?? []) : [];
    return {
      name,
      role,
      namespace,
      isOn: lab.isOn(name),
      interfaces: Object.fromEntries(links.map(link => [link.name, {ipv4: link.ipv4, ipv6: link.ipv6, mac: link.mac}])),
      processes: Object.fromEntries(supervised.map(process => [process.name, process.state])),
    };
  });
  return {options: lab.plan.options, folder: lab.folder, hosts: await Promise.all(hosts)};
}

/** A table for people. */
export function formatStatus({options, folder, hosts}: LabStatus): string {
  const rows = hosts.map(({name, isOn, interfaces, processes}) => [
    name,
    isOn ? 'on' : 'off',
    Object.entries(interfaces)
      .map(([link, {ipv4}]) => `${link} ${ipv4}`)
      .join(', '),
    Object.entries(processes)
      .map(([process, state]) => (state === 'RUNNING' ? process : `${process} ${state}`))
      .join(', '),
  ]);
  return [`lab "${options.name}", ${options.layout}, in ${folder}`, '', ...alignColumns(rows)].join('\n');
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
