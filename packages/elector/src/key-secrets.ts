import {createCipheriv, createDecipheriv, hkdfSync, randomBytes} from 'node:crypto';
import {fingerprintOf, type RingKey} from '@tacoplex/config';

const cipher = 'aes-256-gcm';
const secretBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

type Secret = Omit<RingKey, 'stage'>;

/** A key that nobody has yet. */
export function drawKey(): Secret {
  const secret = Uint8Array.from(randomBytes(secretBytes));
  return {secret, fingerprint: fingerprintOf(secret)};
}

/** A secret that only who has the key `under` can read: nonce, AES-256-GCM, tag. */
export function sealSecret({secret, fingerprint}: Secret, under: Secret): Uint8Array {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, sealingKey(under), nonce).setAAD(nameOf(fingerprint));
  return Uint8Array.from(Buffer.concat([nonce, sealing.update(secret), sealing.final(), sealing.getAuthTag()]));
}

/** @returns undefined if it was sealed under another key, or is not the key of that fingerprint */
export function unsealSecret(sealed: Uint8Array, fingerprint: string, under: Secret): Secret | undefined {
  const [nonce, end] = [sealed.subarray(0, nonceBytes), sealed.length - tagBytes];
  if (sealed.length !== nonceBytes + secretBytes + tagBytes) {
    return undefined;
  }

  const opening = createDecipheriv(cipher, sealingKey(under), nonce, {authTagLength: tagBytes})
    .setAAD(nameOf(fingerprint))
    .setAuthTag(sealed.subarray(end));
  try {
    const secret = Uint8Array.from(Buffer.concat([opening.update(sealed.subarray(nonceBytes, end)), opening.final()]));
    return fingerprintOf(secret) === fingerprint ? {secret, fingerprint} : undefined;
  } catch {
    return undefined; // The tag does not fit
  }
}

function sealingKey({secret}: Secret): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'tacoplex 1 sealed keys', secretBytes));
}

function nameOf(fingerprint: string): Buffer {
  return Buffer.from(`tacoplex 1 key ${fingerprint}`);
}
