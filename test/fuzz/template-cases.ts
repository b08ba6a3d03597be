/** Templates by what of the language they use: each is rendered by Go and by us. `|||` parts them. */

/** What they see as `.`; `binary` is not UTF-8. */
export const data: ReadonlyMap<string, Uint8Array> = new Map([
  ['user', new TextEncoder().encode('anna')],
  ['password', new TextEncoder().encode('p"ä<ß>&\'☃😀 \\')],
  ['empty', new Uint8Array()],
  ['count', new TextEncoder().encode('42')],
  ['list', new TextEncoder().encode('b,a,c,a')],
  ['lines', new TextEncoder().encode('one\ntwo\n\nthree\n')],
  ['json', new TextEncoder().encode('{"b":[1,2.5,"x",null,true],"a":{"é":"<&>","z":1e21},"n":123456789}')],
  ['binary', new Uint8Array([0xff, 0, 0xc3, 0x28, 0xe2, 0x82, 0x80, 0x41, 0xf0, 0x9f, 0x98])],
  ['constructor', new TextEncoder().encode('plain')],
  ['__proto__', new TextEncoder().encode('key')],
]);

const language =
  String.raw`
{{ .user }}:{{ .password }}
|||{{.user}}{{- .count -}}  x  {{- " y " -}} z {{.binary}}
|||{{/* c */}}a{{- /* c */ -}} b {{/* c
d */ -}} e
|||{{ if .user }}yes{{ else }}no{{ end }}{{ if .empty }}yes{{ else if .count }}second{{ else }}no{{ end }}
|||{{ if eq .user "bob" }}b{{ else if eq .user "anna" }}a{{ end }}
|||{{ with .user }}{{ . }}{{ else }}none{{ end }}{{ with .empty }}x{{ else with .count }}{{ . }}{{ end }}{{ with $x := .user }}{{ $x }}{{ $.count }}{{ end }}
|||{{ range $i, $v := splitList "," .list }}{{ $i }}={{ $v }};{{ end }}
|||{{ range splitList "," .list }}{{ if eq . "c" }}{{ break }}{{ end }}{{ if eq . "b" }}{{ continue }}{{ end }}{{ . }}{{ else }}none{{ end }}
|||{{ range . }}{{ . | quote }}{{ end }}{{ range $k, $v := . }}{{ $k }}{{ end }}
|||{{ range $x := list }}x{{ else }}empty{{ $x }}{{ end }}
|||{{ range 3 }}{{ . }}{{ end }}{{ range $i := 3 }}{{ $i }}{{ end }}{{ range 0 }}x{{ else }}zero{{ end }}
|||{{ range $i, $j := 3 }}x{{ end }}
|||{{ range .user }}x{{ end }}
|||{{ range int64 2 }}{{ printf "%T" . }}{{ end }}
|||{{ define "a" }}[{{ . }}{{ $ }}]{{ end }}{{ template "a" .user }}{{ template "a" }}{{ block "b" .count }}<{{ . }}>{{ end }}
|||{{ define "a" }}1{{ end }}{{ define "a" }}2{{ end }}{{ template "a" }}
|||{{ template "missing" }}
|||{{ define "a" }}{{ if true }}{{ define "b" }}{{ end }}{{ end }}{{ end }}
|||{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ $x }}{{ end }}{{ $x }}
|||{{ $x }}
|||{{ if true }}{{ $y := 1 }}{{ end }}{{ $y }}
|||{{ $x := .user }}{{ define "t" }}{{ $x }}{{ end }}
|||{{ with $x := 5 }}{{ $x }}{{ end }}{{ $ | len }}
|||{{ range $i, $x = list 1 2 }}{{ end }}
|||{{ $i := 0 }}{{ $x := 0 }}{{ range $i, $x = list 7 8 }}{{ $i }}{{ $x }}{{ end }}{{ $i }}{{ $x }}
|||{{ $x := 0 }}{{ range $x = list 7 8 }}{{ end }}{{ $x }}
|||{{ (dict "a" (dict "b" 7)).a.b }}{{ $d := dict "k" "v" }}{{ $d.k }}{{ (index (list 1 (dict "x" 2)) 1).x }}
|||{{ (dict "a" nil).a }}|{{ (dict "a" 1).b }}
|||{{ .missing }}
|||{{ .user.name }}
|||{{ .user.name.first }}
|||{{ .__proto__ }}{{ .constructor }}
|||{{ .toString }}
|||{{ (dict "a" 1).__proto__ }}
|||{{ (dict "__proto__" 1).__proto__ }}{{ get (dict) "constructor" }}{{ hasKey (dict) "toString" }}{{ index (dict "a" 1) "constructor" }}
|||{{ index . "missing" }}|{{ index . "user" }}|{{ index .user 0 }}|{{ index (list 1 2 3) 1 }}|{{ index (dict "a" (list 5 6)) "a" 1 }}|{{ index .user }}
|||{{ index (list 1) 5 }}
|||{{ index (list 1) -1 }}
|||{{ index nil 1 }}
|||{{ index 5 1 }}
|||{{ index (dict) 1 }}
|||{{ len .user }}{{ len .binary }}{{ len (list 1 2) }}{{ len (dict "a" 1) }}{{ len . }}
|||{{ len 5 }}
|||{{ len nil }}
|||{{ print 1 2 "a" 3 nil true nil 1.5 }}|{{ println 1 "a" nil }}|{{ print "a" "b" }}|{{ print }}|{{ println }}
|||{{ 1 }} {{ -5 }} {{ +5 }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 017 }} {{ 1_000 }} {{ 0x_ff }} {{ 'a' }} {{ '\n' }} {{ '☃' }} {{ 1.5 }} {{ 1e3 }} {{ 1e6 }} {{ 1e20 }} {{ 1e21 }} {{ .5 }} {{ 5. }} {{ 0x1p-2 }} {{ 1.0 }} {{ true }} {{ false }} {{ 123456789.0 }} {{ 1e-5 }} {{ 0.0001 }}
|||{{ 08 }}
|||{{ 1__0 }}
|||{{ 1_0.5 }}
|||{{ 0x1_0p4 }}
|||{{ 9223372036854775807 }}{{ -9223372036854775808 }}
|||{{ 9223372036854775808 }}
|||{{ 1e400 }}
|||{{ 1a }}
|||{{ 0x }}
|||{{ - }}
|||{{ 'ab' }}
|||{{ '' }}
|||{{ '\'' }}{{ '\xff' }}{{ "\x41\u00e9\U0001F600\101\a\b\f\n\r\t\v\\\"" }}
|||{{ "\'" }}
|||{{ "\q" }}
|||{{ "\ud800" }}
|||{{ "a
b" }}
|||{{ "a }}
|||{{ ` +
  '`raw \\n "q"`' +
  String.raw` }}
|||{{ nil }}
|||{{ print nil }}
|||{{ 1 2 }}
|||{{ .user 2 }}
|||{{ 1 | 2 }}
|||{{ 1 | print }}{{ "a" | printf "%s-%s" "b" }}{{ .user | upper | lower | quote }}
|||{{ | print }}
|||{{ print | }}
|||{{ }}
|||{{ print (1) (print 2) }}{{ (1) }}{{ ((2)) }}
|||{{ (1 }}
|||{{ 1) }}
|||{{ print(1) }}
|||{{ print 1(2) }}
|||{{ print "a""b" }}
|||{{ print .user.x }}
|||{{ "a".b }}
|||{{ 1.b }}
|||{{ nil.a }}
|||{{ true.a }}
|||{{ (nil).a }}
|||{{ .user .count }}
|||{{ $x=1 }}
|||{{ $x:=1 }}{{ $x }}
|||{{ $x := 1 }}{{ $x= 2 }}
|||{{ $x := 1 | add 2 }}{{ $x }}
|||{{ $a, $b := 1 }}
|||{{ if }}x{{ end }}
|||{{ if true }}x
|||{{ end }}
|||{{ else }}
|||{{ if 1 }}{{ else }}{{ else }}{{ end }}
|||{{ range 1 }}{{ else if 1 }}{{ end }}
|||{{ if 1 }}{{ else with 1 }}{{ end }}{{ end }}
|||{{ break }}
|||{{ range 1 }}{{ define "x" }}{{ break }}{{ end }}{{ end }}
|||{{ range 2 }}{{ if true }}{{ break }}{{ end }}{{ end }}ok
|||{{ range 2 }}a{{ else }}{{ break }}{{ end }}
|||{{ end x }}
|||{{ if true }}{{ end x }}
|||{{ nofunction }}
|||{{ call 1 }}
|||{{ and 1 0 (index (list) 1) }}{{ or 0 "" 5 (index (list) 1) }}{{ and 1 2 }}{{ or 0 "" }}{{ 5 | and 1 }}{{ 0 | or 0 }}{{ not 1 }}{{ not "" }}
|||{{ and }}
|||{{ not }}
|||{{ not 1 2 }}
|||{{ eq 1 1 }}{{ eq 1 2 1 }}{{ eq "a" "b" }}{{ ne 1 2 }}{{ lt 1 2 }}{{ le 2 2 }}{{ gt 1.5 1.0 }}{{ ge "b" "a" }}{{ eq 1 (int64 1) }}{{ eq true true }}{{ eq (index "a" 0) 97 }}
|||{{ eq 1 1.0 }}
|||{{ eq 1 "1" }}
|||{{ lt 1 1.5 }}
|||{{ lt true false }}
|||{{ eq (list) (list) }}
|||{{ eq nil nil }}|{{ eq 1 nil }}|{{ eq nil 1 }}
|||{{ lt nil 1 }}
|||{{ eq 1 }}
|||{{ eq }}
|||{{ eq 2 1 "x" }}
|||{{ html .password }}{{ js .password }}{{ urlquery .password }}{{ html 1 2 }}{{ js "a=b" }}{{ urlquery "a b+c/d~e_f-g.h" }}{{ html .binary }}{{ urlquery .binary }}{{ js .binary }}
|||{{ . }}
|||{{ list 1 "a" nil 1.5 true (list "x") (dict "b" 1 "a" nil) }}{{ dict }}{{ list }}{{ splitList "," .list }}{{ split "," .list }}
|||a }} b { { c
|||{{- 1 -}}
|||{{-1}}
|||{{- -1 -}}
|||{{ 1 -}}  x  {{- 2}}
|||{{ 1 - }}
|||{{1-}}
|||a {{- }} b
|||{{- -}}
|||{{/* unclosed }}
|||{{ /* spaced */ }}
|||{{/* a */ x }}
|||{{ .user
 | upper }}
|||{{ if and .user (or .empty .count) (not .empty) }}ok{{ end }}
|||{{ .a-b }}
|||{{ . .user }}
|||{{ .1 }}
|||{{ .é }}
|||{{ $é := 1 }}{{ $é }}
|||{{ # }}
|||{{ a, b }}
|||{{ block "x" }}{{ end }}
|||{{ template x }}
|||{{ template "x" . . }}
|||{{ define "x" . }}{{ end }}
|||{{ define x }}{{ end }}
|||{{ define ` +
  '`x`' +
  String.raw` }}raw{{ end }}{{ template "x" }}
|||{{ if (eq 1 1) }}{{ print "}}" }}{{ end }}
|||{{ with nil }}a{{ else }}b{{ end }}
|||{{ if nil }}a{{ else }}b{{ end }}
|||{{ slice "abc" 1 2 }}
|||{{ define "r" }}{{ if gt . 0 }}{{ . }}{{ template "r" (int (sub . 1)) }}{{ end }}{{ end }}{{ template "r" 5 }}
|||{{ define "case" }}inner{{ end }}
|||{{ define "case" }}inner{{ end }}outer
|||{{ define "e" }}{{ end }}{{ define "e" }}x{{ end }}{{ template "e" }}
|||{{ define "e" }}x{{ end }}{{ define "e" }}  {{ end }}{{ template "e" }}
|||{{ trunc 2.0 .user }}
|||{{ trunc 2.5 .user }}
|||{{ trunc (int64 2) .user }}
|||{{ trunc "2" .user }}
|||{{ upper nil }}
|||{{ upper (dict "a" nil).a }}
|||{{ upper 1 }}
|||{{ ternary 1 2 3 }}
|||{{ get . "user" }}
|||{{ get nil "user" }}|{{ keys nil }}
`;

const printf = [
  '%v',
  '%+v',
  '%#v',
  '%s',
  '%q',
  '%+q',
  '%#q',
  '%d',
  '%x',
  '%X',
  '%o',
  '%O',
  '%b',
  '%c',
  '%U',
  '%#U',
  '%e',
  '%E',
  '%f',
  '%g',
  '%G',
  '%t',
  '%T',

  '%5v',
  '%-5v|',
  '%05v',
  '%05d',
  '%+d',
  '% d',
  '%-5d|',
  '%#x',
  '% x',
  '%# x',
  '%.2v',
  '%.1s',
  '%.3d',
  '%8.3d',
  '%08.3d',
  '%-08d|',
  '%+05d',
  '%6.2f',
  '%-8.2f|',
  '%08.2f',
  '%+.1e',
  '%.0f',
  '%.3g',
  '%10.3g',
  '%05s',
  '%5t',
  '%5q',
  '%.1q',
  '%5c',
  '%5U',
  '%.6U',
  '%#o',
  '%#b',
  '%z',
  '%!',
  '%',
  '%%',
  '%é',
  '%.0d',
  '%5.0d',
  '%.x',
  '%-10s|',
  '%#X',
];
const floats = ['1.5', '-0.25', '1e6', '123456.789', '1e100', '(dict "k" 1.5 "j" "x")'];
/** Not rendered for floats: hexadecimal and binary floats, and `#` with floats, are not there. */
const notForFloats = /[#xXb]/;
const printed = [
  '5',
  '-12',
  '0',
  '"héllo"',
  '"a`b\\n"',
  '.binary',
  'true',
  'nil',
  '(list 1 "a" nil)',
  '(splitList "," .list)',
  '(int64 7)',
  '(index .user 0)',
  '(until 3)',
  '""',
  '9731',
];
const whole = [
  '"%1000001d" 5',

  '"%10000010d" 5',
  '"%.1000001d" 5',
  '"%d %s" 1',
  '"%d" 1 2 "x" nil',
  '"x" 1',
  '"%[2]d %[1]d" 1 2',
  '"%[3]d" 1',
  '"%[1]d %d %[1]v" 1 2',
  '"%*d|" 5 1',
  '"%-*d|" 5 1',
  '"%*d|" -5 1',
  '"%.*f" 2 1.0',
  '"%*d" "x" 1',
  '"%[1]*d" 5 1',
  '"%[2]*[1]d" 1 5',
  '"%[x]d" 1',
  '"%[" 1',
  '"%[1]" 1',
  '"%.[1]d" 1',
  '"%[1]5d" 1',
  '"%d %d" 1',
  '"%" 1',
  '"%-" 1',
  '"%5" 1',
  '"%!d" 1',
  '"%.-1d" 5',
  '"%.*d" -1 5',
  '"%-05d|" 3',
  '"%+ d" 3',
  '"% +d" 3',
  '"%v %v" (list (list nil)) (dict "a" (dict "b" nil))',
  '"%d" (list "a" 1 nil)',
  '"%s" (dict "a" 1)',
  '"%q" (list "a" "b")',
  '"%x" (list "a" "b")',
  '"%6.2f|" (list 1.5 2.25)',
  '"%05v" (list 1 2)',
  '"%v" -0.0',
  '"%T %T %T %T" (list) (dict) nil (splitList "," "a")',
  '"%T" .',
  '"%v" .user',
  '"%5%|"',
  '1',
  'nil',
  '"%s" nil',
  '"%5s|" nil',
  '"%5v|" nil',
  '"%T" nil',
];

export const cases: readonly string[] = [
  ...language.trim().split('|||'),
  ...printf.flatMap(verb =>
    [...printed, ...(notForFloats.test(verb) ? [] : floats)].map(value => `{{ printf "${verb}" ${value} }}`),
  ),
  ...whole.map(args => `{{ printf ${args} }}`),
];
