/** The tree of a regular expression. */

export type Anchor = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word' | 'no-word';

export type Regex =
  | { readonly kind: 'empty' }
  /** `weight`: sets that are looked through for one rune. */
  | { readonly kind: 'rune'; readonly accepts: (code: number) => boolean; readonly weight: number }
  | { readonly kind: 'anchor'; readonly anchor: Anchor }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Regex[] }
  | { readonly kind: 'group'; readonly index: number; readonly of: Regex }
  | {
      readonly kind: 'repeat';
      readonly of: Regex;
      readonly least: number;
      /** Infinity where there is no most. */
      readonly most: number;
      readonly lazy: boolean;
    };
