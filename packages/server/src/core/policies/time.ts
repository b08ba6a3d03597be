/** Points in time as policies write them: RFC 3339 (§5.6), or seconds since 1970. */
const rfc3339 =
  /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$/;

/** Undefined where the text is no such time. */
export const secondsOfTime = (given: string): number | undefined => {
  const text = given.trim();
  if (/^[0-9]{1,11}$/.test(text)) return Number(text);
  if (!rfc3339.test(text)) return undefined;
  const milliseconds = Date.parse(text.toUpperCase().replace(' ', 'T'));
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
};
