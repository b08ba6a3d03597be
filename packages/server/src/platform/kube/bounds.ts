/** Every bound of the Kubernetes client, in one place. */

/** One exchange: from asking for a socket to the last byte of the answer. */
export const exchangeLimitMs = 30_000;
/** One call with all its repetitions and the waits between them. */
export const callLimitMs = 60_000;
export const attemptsLimit = 6;

export const firstDelayMs = 250;
export const delayLimitMs = 10_000;

/** Sockets for calls; further calls wait for one. */
export const callSocketsLimit = 32;
/** Watches open at once; each holds a socket. */
export const streamSocketsLimit = 128;
/** Calls under way or waiting for a socket. */
export const callsLimit = 10_000;
/** The API server closes idle connections after 90 s: ours go before it, so that none is used while it closes. */
export const idleSocketMs = 60_000;

/** One answer. A page of 500 objects of 32 KiB fits; of larger ones fewer are asked for at once. */
export const answerLimitBytes = 16 * 1024 * 1024;
/** One event of a watch: etcd's own limit for an object is 1.5 MiB; ownership of fields adds to it. */
export const lineLimitBytes = 16 * 1024 * 1024;
/** What of an error's text is kept. */
export const messageLimitChars = 1_024;
export const fieldsLimit = 16;

export const pageItems = 500;
/** What a page that is too large is divided by. */
export const pageShrink = 8;
export const pagesLimit = 20_000;
/** How often a list starts over because its pages have expired. */
export const restartsLimit = 3;

/** How long a watch is asked for: each another length, so that not all end at once. */
export const watchLeastSeconds = 300;
export const watchMostSeconds = 600;
/** Bookmarks come every minute: a watch silent for longer is taken for dead, cut, and resumed. */
export const silenceLimitMs = 90_000;

/** Between failures of a watch that is kept going. */
export const followFirstDelayMs = 500;
export const followDelayLimitMs = 30_000;

export const kubeconfigLimitBytes = 4 * 1024 * 1024;
export const kubeconfigFilesLimit = 64;
/** A token, a certificate or a key in a file. */
export const credentialFileLimitBytes = 1024 * 1024;
/** Tokens and certificates on disk are rotated: how long one reading of them counts. */
export const rereadMs = 60_000;

export const pluginLimitMs = 60_000;
/** What a plugin gave so recently and was refused is not asked for again. */
export const pluginRestMs = 5_000;
export const pluginOutputLimitBytes = 1024 * 1024;
/** What a plugin gave is no longer used this long before it expires. */
export const expiryMarginMs = 30_000;
/** A watch that lasted this long, or told of something, was none that failed. */
export const watchSoundMs = 5_000;
/** Failures in a row after which a resource version is given up, whatever the API server says of it. */
export const resumesLimit = 5;

/** Events waiting to be written; further ones are dropped. */
export const eventsWaitingLimit = 1_000;
/** Events that a repetition is counted on instead of making a new one, for so long. */
export const eventsKnownLimit = 4_096;
export const eventWindowMs = 600_000;
/** All events together: so many at once, then so many a second. */
export const eventsBurst = 100;
export const eventsPerSecond = 10;
/** Those of one object, as other clients do: so many at once, then one in five minutes. */
export const eventsOfObjectBurst = 25;
export const eventsOfObjectPerSecond = 1 / 300;
/** What goes wrong with events is logged so often at most. */
export const eventWarningsPerSecond = 1 / 60;
export const eventNoteLimitChars = 1_024;
