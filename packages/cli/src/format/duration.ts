/** Seconds as people read them: `768h`, `1h30m`, `45s`. */
export const humanSeconds = (total: number): string => {
  const whole = Math.trunc(Math.abs(total));
  const sign = total < 0 ? '-' : '';
  if (whole === 0) return '0s';
  const hours = Math.trunc(whole / 3600);
  const minutes = Math.trunc((whole % 3600) / 60);
  const seconds = whole % 60;
  const parts = [hours > 0 ? `${hours}h` : '', minutes > 0 ? `${minutes}m` : '', seconds > 0 ? `${seconds}s` : ''];
  return sign + parts.join('');
};

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;
const rfc3339 = /^[0-9]{2}([0-9]{2})-([0-9]{2})-([0-9]{2})T([0-9]{2}:[0-9]{2})/;

/** An RFC 3339 time in UTC in the form of RFC 822: `27 Aug 26 10:11 UTC`; anything else as it is. */
export const shortTime = (time: string): string => {
  const [, year, month, day, clock] = rfc3339.exec(time) ?? [];
  if (year === undefined || !time.endsWith('Z')) return time;
  return `${day} ${months[Number(month) - 1] ?? ''} ${year} ${clock} UTC`;
};
