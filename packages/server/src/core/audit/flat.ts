/**
 * The same text in one piece. A text put together from others is kept as a tree of them, which is walked through each
 * time it goes out; what is remembered and goes out with every record is laid out once.
 */
const bytes = new TextEncoder();
const text = new TextDecoder();

export const flat = (made: string): string => text.decode(bytes.encode(made));
