/** Pieces that hostile request targets are put together from: every way to write a path that means another. */
const plain = 'a|b|secret|/|/|/|.|..|;|\\|+|*|~|#|?| ';
const encoded = '%2e|%2E|%2f|%252e|%25|%|%4|%zz|%5c|%00|%0a|%7f|%20|%ff|%C3%A9|%E2%80%8B|%EF%BB%BF|%F0%9F%94%91';
const bytes = '\xc3\xa9|\xc3|é';

export const targetPieces: readonly string[] = [plain, encoded, bytes].flatMap(all => all.split('|'));
