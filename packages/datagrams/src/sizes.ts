/** Payload of a datagram, envelope included: fits in any Ethernet frame, tunnels and all. */
export const datagramBytes = 1200;

/** What the envelope that signs a datagram adds to it. */
export const envelopeBytes = 28;

/** What header and framing of a datagram take at most. */
const headerBytes = 100;

/** A longer message goes in pieces of this size. */
export const pieceBytes = datagramBytes - envelopeBytes - headerBytes;
