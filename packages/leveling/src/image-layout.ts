import {binCount} from '@tacoplex/vocabulary';

/**
 * Where everything stands in a forwarding image. Offsets and sizes in bytes; numbers of more than one
 * byte in the machine's own order (the image never leaves it); addresses and MAC addresses as they
 * stand in a frame. The kernel half mirrors this.
 *
 * | from    | what |
 * | --:     | --- |
 * | 0       | header, 64 bytes, see {@link header} |
 * | 64      | services: 1,024 records of 8 bytes, see {@link serviceRecord} |
 * | 8,256   | addresses: 1,024 records of 24 bytes, see {@link addressRecord} |
 * | 32,832  | address slots: 4,096 x uint16, address index + 1, 0: free |
 * | 41,024  | service slots: 8,192 records of 12 bytes, see {@link slotRecord} |
 * | 139,328 | servers: 65,536 records of 8 bytes, see {@link serverRecord} |
 * | 663,616 | bin tables: 16 groups, each 65,536 x uint16 base, then 65,536 x uint16 fallback |
 */
export const offsets = {
  header: 0,
  services: 64,
  addresses: 8256,
  addressSlots: 32_832,
  serviceSlots: 41_024,
  servers: 139_328,
  tables: 663_616,
} as const;

/** Services an image can hold; addresses too, since each service has one. */
export const maxServices = 1024;
export const maxGroups = 16;
/** Powers of two: hashes are masked. At most a quarter, or three eighths, of the slots are taken. */
export const addressSlotCount = 4096;
export const serviceSlotCount = 8192;
export const serverCount = 65_536;

/** Bytes of one group's base, and of its fallback. */
export const tableBytes = 2 * binCount;

/** Bytes of a whole image: 4.7 MiB. */
export const imageBytes = offsets.tables + maxGroups * 2 * tableBytes;

/** `TPX1`: tells an image of this layout from anything else. */
export const imageMagic = 0x31585054;

/** Fields of the header, from its begin. */
export const header = {
  /** uint32, {@link imageMagic}; 0 in fresh memory: an image that has never been written. */
  magic: 0,
  /** uint32, odd while the image is being written; grows by 2 with each writing. */
  sequence: 4,
  /** uint32 each, of the cluster state the image was made from. */
  versionTerm: 8,
  versionIndex: 12,
  /** 4 x uint32: the 16 bytes of the hash key, read as two little-endian words of 64 bits. */
  hashKey: 16,
  /** 6 bytes. */
  ourMac: 32,
  /** uint16 each. */
  serviceCount: 38,
  addressCount: 40,
  /** uint16, bit i: group i has tables; the tables of other groups are all 0. */
  groupsPresent: 42,
} as const;

/** One service, 8 bytes: uint16 address index, uint16 port, uint8 protocol, uint8 group, uint8 affinity code, 0. */
export const serviceRecord = {bytes: 8, address: 0, port: 2, protocol: 4, group: 5, affinity: 6} as const;

/** One service address, 24 bytes: 16 address (IPv4: 4 and 12 zeros), uint32 version (4 or 6), uint32 index + 1 of the service that answers pings. */
export const addressRecord = {bytes: 24, address: 0, version: 16, echoService: 20} as const;

/**
 * One slot of the service lookup, 12 bytes: uint32 (address index x 256 + protocol) + 1, or 0: free;
 * uint32 port, or {@link anyFragment}; uint32 service index + 1, or 0: known to be ambiguous.
 */
export const slotRecord = {bytes: 12, place: 0, port: 4, service: 8} as const;

/** Stands for the port in the slot of fragments, which have none. */
export const anyFragment = 0x1_0000;

/** One server, 8 bytes: 6 MAC address (zeros: unknown), uint8 1 if dead, 0. The index is the server's number. */
export const serverRecord = {bytes: 8, mac: 0, dead: 6} as const;
