/** Every bound of this folder, together. */

/** A server that does not answer within this is taken for lost; `connect_timeout` of the URL may say less or more. */
export const connectMs = 10_000;
/** Of a read; its connection is given up then. */
export const readMs = 15_000;
/** Of the question for the last revision: asked several times a second, and worth nothing when it is late. */
export const momentMs = 2_000;
/** How long a read is tried again on a server that is away. */
export const readPatienceMs = 5_000;
/** Of one transaction that commits. Longer than what another node's may take that holds the lock. */
export const commitMs = 20_000;
/** How long a commit whose outcome is certain is tried again on a server that is away. */
export const commitPatienceMs = 15_000;
/** How long the outcome of a commit is looked for. */
export const doubtPatienceMs = 45_000;
/** Of what works on all records: copies and their restoring. */
export const wholeMs = 600_000;
/** What the server itself ends: a wait for a lock, and a node that stands still while it holds one. */
export const lockMs = 15_000;
export const idleInTransactionMs = 10_000;

/** Between two attempts to connect: doubled each time, with the same share of chance as the others. */
export const backOffFirstMs = 50;
export const backOffLastMs = 2_000;

/** Between two looks for new revisions by those who follow. NOTIFY makes them earlier. */
export const pollMs = 250;

/** Connections for reading, where the configuration says nothing. */
export const parallelDefault = 16;
/** Kept open without use. */
export const idleConnectionsDefault = 4;
/** Those beyond these are closed between once and twice this long after they were needed last. */
export const lingerMs = 5_000;
/** Reads that may wait for a connection. */
export const waitingReadsLimit = 100_000;
/** Connections that single gets may take at a time, and most keys one query asks for. */
export const getConnections = 4;
export const getKeysLimit = 512;

/** Most bytes of one message of the server: a record, or a row of the change log, with room to spare. */
export const messageBytesLimit = 402_653_184;

/** A batch is closed when it has this many commits or bytes; beyond `waitingBytesLimit` commits are refused. */
export const batchCommitsLimit = 2_048;
export const batchBytesLimit = 33_554_432;
export const waitingBytesLimit = 536_870_912;

/** Commits whose changes and ids are kept. */
export const historyDefault = 100_000;
/** Changes are removed as many at once, a hundredth of the history at most. */
export const compactedAtOnce = 1_000;

/** Changes of this node's own that are kept in memory, and bytes of them. */
export const ownChangesLimit = 4_096;
export const ownChangesBytesLimit = 4_194_304;

/** Records and bytes of one step of a copy. */
export const copyRecords = 1_000;
export const copyBytes = 4_194_304;
