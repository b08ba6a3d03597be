/** Versions on the wire. Clients decide by `version` what they may ask for, so it follows the API that is spoken. */
export const cofferVersion = '0.1.0';
export const wireVersion = `2.6.2+coffer.${cofferVersion}`;
