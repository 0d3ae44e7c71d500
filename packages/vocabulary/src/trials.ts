/** Identifier of the echo requests and answers that levelers try each other with: "TP". Data paths do not count them as traffic. */
export const trialIdentifier = 0x5450;
